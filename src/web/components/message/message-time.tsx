import type { ChatMessage } from '../../../client/index.js';
import { shortTime } from '../../i18n/formats.js';
import { useApp } from '../../state/app.js';

/**
 * The time at which a question was asked, or an answer was complete. Screen readers have it always, others under the
 * pointer.
 */
export const MessageTime = ({ message }: { message: ChatMessage }) => {
  const language = useApp().preferences.language.value;
  const at = message.completed_at ?? message.created_at;
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' });
  return (
    <time class="message-time" dateTime={at} title={full.format(Date.parse(at))}>
      {shortTime(at, language)}
    </time>
  );
};
