import type { Pending } from '../../../client/index.js';
import { langOf } from '../../markdown/lang-of.js';
import { displayable } from '../../markdown/plain-text.js';
import { useApp, useChat } from '../../state/app.js';
import { ShowUsage } from '../controls/show-usage.js';

/** A message that the server has not acknowledged yet. */
export const PendingMessage = ({ pending }: { pending: Pending }) => {
  const { preferences } = useApp();
  const { connection } = useChat();
  const texts = preferences.texts.value;
  const online = connection.value.state === 'online';
  return (
    <article class="message message-user message-pending">
      <h2 class="visually-hidden">{texts.you}</h2>
      <div class="bubble" dir="auto" lang={langOf(pending.entry.content)}>
        {displayable(pending.entry.content)}
      </div>
      {pending.error === null ? (
        <p class="status-line">{online ? texts.sending : texts.waitingToSend}</p>
      ) : (
        <Refused pending={pending} />
      )}
    </article>
  );
};

const Refused = ({ pending }: { pending: Pending }) => {
  const { preferences, explain } = useApp();
  const { client } = useChat();
  const texts = preferences.texts.value;
  const { client_id } = pending.entry;
  return (
    <p class="status-line status-warning" role="alert">
      {texts.notSent + texts.gap + explain(pending.error) + texts.gap}
      <button
        type="button"
        class="link-button"
        onClick={() => void client.outbox.retry(client_id).catch(() => undefined)}
      >
        {texts.retry}
      </button>
      {texts.gap}
      {pending.error?.code === 'quota_exceeded' && (
        <>
          <ShowUsage look="link-button" />
          {texts.gap}
        </>
      )}
      <button type="button" class="link-button" onClick={() => client.outbox.discard(client_id)}>
        {texts.discard}
      </button>
    </p>
  );
};
