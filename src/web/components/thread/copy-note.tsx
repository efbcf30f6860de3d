import { shortTime } from '../../i18n/formats.js';
import { useApp, useChat } from '../../state/app.js';

/** Says that a conversation is shown from the copy on this device, or that there is no copy. */
export const CopyNote = () => {
  const { texts, language } = useApp().preferences;
  const note = useChat().copyNote.value;
  if (note === null) return null;
  const { saved } = texts.value;
  const when = (at: number) => shortTime(new Date(at).toISOString(), language.value);
  return (
    <p class="copy-note" role="status">
      {note === 'missing' ? saved.missing : saved.kept(when(note.kept))}
    </p>
  );
};
