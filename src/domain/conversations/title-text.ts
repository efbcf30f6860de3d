import { composed, isVisible, startOf } from '../../contract/text.js';
import type { PromptMessage } from '../../entities/entities.js';

/** Characters of the question, and of the answer, from which a title is made. */
const SOURCE_CHARS = 2_000;
const TITLE_CODE_POINTS = 60;

const TASK =
  'Give this conversation a title of at most six words, in the language of the question. ' +
  'Reply with the title alone: no quotation marks, no full stop, nothing else.';

export const titlePrompt = (question: string, answer: string): PromptMessage[] => [
  { role: 'system', content: TASK },
  {
    role: 'user',
    content: `Question:\n${startOf(question, SOURCE_CHARS)}\n\nAnswer:\n${startOf(answer, SOURCE_CHARS)}`,
  },
];

/** No title is longer, even with what stands around it. Taking that away costs the square of the blanks in a row. */
const LINE_CHARS = 1_000;

/** Models put a title in quotes, call it a title, or think aloud before it. */
const AROUND = /^[\s"'`*#_“”‘’「」『』《》]+|[\s"'`*_“”‘’「」『』《》.。]+$/gu;
const LABEL = /^(?:title|标题|標題)\s*[:：]\s*/iu;

/** The title in a model's reply; null if there is none. */
export function titleIn(reply: string): string | null {
  const said = reply.replace(/^[\s\S]*<\/think>/, '');
  const lines = said.split('\n').map((line) => startOf(line, LINE_CHARS));
  const line = lines.find((one) => isVisible(one.replace(AROUND, ''))) ?? '';
  const bare = line.replace(AROUND, '').replace(LABEL, '').replace(AROUND, '');
  const title = [...composed(bare.replace(/\s+/gu, ' '))]
    .slice(0, TITLE_CODE_POINTS)
    .join('')
    .trim();
  return isVisible(title) && !title.startsWith('<think') ? title : null;
}
