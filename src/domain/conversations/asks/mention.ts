import type { Conversation } from '../../../contract/rest.js';
import { identityKey } from '../../accounts/identity.js';
import { withoutCode } from './code.js';

/** Chinese, Japanese and Korean are written without spaces, so their letters do not continue a word. */
const JOINING =
  '(?![\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}])[\\p{L}\\p{M}\\p{N}_]';

/** A mention is not within a word, an e-mail address, a path or the address of a page. `name` is a pattern. */
const mentionOf = (name: string) =>
  new RegExp(
    `(?<!${JOINING})(?<![.+\\-/@:=&#])@${name}(?!${JOINING})(?![.\\-]${JOINING}|[@/])`,
    'iu',
  );

const MENTION = mentionOf('ai');

/** Whether the text speaks to the model: `@ai`, in any case. Code is no speech. */
export const mentionsModel = (text: string): boolean =>
  /@ai/i.test(text) && MENTION.test(withoutCode(text));

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Tells whether the text has `@username`, compared as names are. For texts and names of bounded length. */
export function mentionedIn(text: string): (username: string) => boolean {
  let said: string | undefined;
  return (username) => {
    said ??= identityKey(withoutCode(text));
    return said.includes('@') && mentionOf(literally(identityKey(username))).test(said);
  };
}

/** Whether a message asks the model: `answer` decides, otherwise the conversation's mode. */
export const asksModel = (
  { reply_mode }: Pick<Conversation, 'reply_mode'>,
  { content, answer }: { content: string; answer?: boolean | undefined },
): boolean => answer ?? (reply_mode === 'always' || mentionsModel(content));
