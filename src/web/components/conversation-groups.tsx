import type { Conversation } from '../../contract/rest.js';
import type { Texts } from '../i18n/en.js';
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
    return items.length > 0 && <Group key={age} age={age} texts={texts} items={items} />;
  });
};

const Group = ({ age, texts, items }: { age: Age; texts: Texts; items: Conversation[] }) => (
  <section class="group" aria-labelledby={`group-${age}`}>
    <h2 class="group-title" id={`group-${age}`}>
      {texts[age]}
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
  const title = conversation.title || preferences.texts.value.untitled;
  return (
    <li>
      <a
        class="row"
        href={hrefOf(conversation.id)}
        title={title}
        {...(current ? { 'aria-current': 'page' as const } : {})}
      >
        {title}
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
