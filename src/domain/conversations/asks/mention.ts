import type { Conversation } from '../../../contract/rest.js';

/** Code is no speech. An unclosed fence runs to the end of the text. */
const CODE = /^ {0,3}(```+|~~~+)[\s\S]*?(?:^ {0,3}\1|(?![\s\S]))|(`+)(?!`)[\s\S]*?(?<!`)\2(?!`)/gm;

/** Chinese, Japanese and Korean are written without spaces, so their letters do not continue a word. */
const JOINING =
  '(?![\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}])[\\p{L}\\p{M}\\p{N}_]';

/** Not within a word, an e-mail address, a path or the address of a page. */
const MENTION = new RegExp(
  `(?<!${JOINING})(?<![.+\\-/@:=&#])@ai(?!${JOINING})(?![.\\-]${JOINING}|[@/])`,
  'iu',
);

/** Whether the text speaks to the model: `@ai`, in any case. */
export const mentionsModel = (text: string): boolean =>
  /@ai/i.test(text) && MENTION.test(text.replace(CODE, ' '));

/** Whether a message asks the model: `answer` decides, otherwise the conversation's mode. */
export const asksModel = (
  { reply_mode }: Pick<Conversation, 'reply_mode'>,
  { content, answer }: { content: string; answer?: boolean | undefined },
): boolean => answer ?? (reply_mode === 'always' || mentionsModel(content));
