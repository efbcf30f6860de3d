import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ChatMessage } from '../../../client/index.js';
import { useApp, useChat } from '../../state/app.js';

const FROM_MODEL = new Set(['provider_error', 'provider_unavailable']);

const openRest = () => import('../admin/open-admin-rest.js');

/** The model server's words about a failed answer, for people who may know them. The server decides who that is. */
export const ServerWords = ({ message }: { message: ChatMessage }) => {
  const { session, preferences, loadPart } = useApp();
  const { rest } = useChat().client;
  const words = useSignal<string | null>(null);
  const mayAsk = session.user.value?.roles.some((name) => name !== 'user') ?? false;
  const isWanted = mayAsk && FROM_MODEL.has(message.error?.code ?? '');
  useEffect(() => {
    if (!isWanted) return;
    const read = async () => {
      const { openAdminRest } = await loadPart(openRest);
      const admin = openAdminRest(() => preferences.language.value, rest);
      words.value = (await admin.modelWords(message.id)).words;
    };
    // Nothing is kept, or it is for others: the sentence above says enough.
    void read().catch(() => {});
  }, [isWanted, message.id]);
  if (words.value === null) return null;
  return (
    <div class="server-words">
      <p>{preferences.texts.value.answers.serverSaid}</p>
      <blockquote dir="auto">{words.value}</blockquote>
    </div>
  );
};
