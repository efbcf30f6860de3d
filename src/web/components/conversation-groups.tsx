import type { Conversation } from '../../contract/rest.js';
import { langOf } from '../markdown/lang-of.js';
import { useApp } from '../state/app.js';
import { hrefOf } from '../state/route.js';

type Age = 'today' | 'yesterday' | 'lastWeek' | 'older';

const AGES: readonly Age[] = ['today', 'yesterday', 'lastWeek', 'older'];

export const ConversationGroups = ({
  conversations,
}: {
  conversations: readonly Conversation[];
}) => {
  const texts = useApp().preferences.texts.value;
  const now = new Date();
  return AGES.map((age) => {
    const items = conversations.filter((item) => ageOf(item, now) === age);
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
    <ul>
      {items.map((item) => (
        <Row key={item.id} conversation={item} />
      ))}
    </ul>
  </section>
);

const Row = ({ conversation }: { conversation: Conversation }) => {
  const { preferences, router } = useApp();
  const current = router.conversationId.value === conversation.id;
  const texts = preferences.texts.value;
  const title = conversation.title || texts.untitled;
  const { unread_count } = conversation;
  return (
    <li>
      <a
        class="row"
        href={hrefOf(conversation.id)}
        title={title}
        {...(current ? { 'aria-current': 'page' as const } : {})}
      >
        <span class="row-title" dir="auto" lang={langOf(title)}>
          {title}
        </span>
        {unread_count > 0 && !current && (
          <span class="unread" title={texts.list.unread(unread_count)}>
            <span class="visually-hidden">{texts.list.unread(unread_count)}</span>
          </span>
        )}
      </a>
    </li>
  );
};

/** Grouped by the days of the user's own calendar. */
function ageOf({ last_message_at, created_at }: Conversation, now: Date): Age {
  const time = new Date(last_message_at ?? created_at).getTime();
  const midnight = (daysAgo: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  if (time >= midnight(0)) return 'today';
  if (time >= midnight(1)) return 'yesterday';
  return time >= midnight(7) ? 'lastWeek' : 'older';
}
