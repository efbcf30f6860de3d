import type { Conversation } from '../../../contract/rest.js';
import { useApp } from '../../state/app.js';
import { blocksOf, RowBlock } from './row-block.js';

type Age = 'today' | 'yesterday' | 'lastWeek' | 'older';

const AGES: readonly Age[] = ['today', 'yesterday', 'lastWeek', 'older'];

export const ConversationGroups = ({
  conversations,
}: {
  conversations: readonly Conversation[];
}) => {
  const texts = useApp().preferences.texts.value;
  const ageOf = agesAt(new Date());
  return AGES.map((age) => {
    const items = conversations.filter((item) => ageOf(item) === age);
    return (
      items.length > 0 && <ConversationGroup key={age} id={age} title={texts[age]} items={items} />
    );
  });
};

interface GroupProps {
  id: string;
  title: string;
  items: readonly Conversation[];
}

export const ConversationGroup = ({ id, title, items }: GroupProps) => (
  <section class="group" aria-labelledby={`group-${id}`}>
    <h2 class="group-title" id={`group-${id}`}>
      {title}
    </h2>
    {blocksOf(items).map((block, index) => (
      <RowBlock key={`${index}`} items={block} />
    ))}
  </section>
);

/** Groups by the days of the user's own calendar. */
function agesAt(now: Date): (conversation: Conversation) => Age {
  const midnight = (daysAgo: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  const [today, yesterday, lastWeek] = [midnight(0), midnight(1), midnight(7)];
  return ({ last_message_at, created_at }) => {
    const time = Date.parse(last_message_at ?? created_at);
    if (time >= today) return 'today';
    if (time >= yesterday) return 'yesterday';
    return time >= lastWeek ? 'lastWeek' : 'older';
  };
}
