import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PromptMessage } from '../../../entities/entities.js';

export interface PromptInput {
  system: string;
  /** Oldest first. Ends with the question. */
  history: readonly PromptMessage[];
  /** Text of the answer that continues; empty if it begins. */
  kept?: string;
  /** Budget of the whole prompt. */
  maxTokens: number;
  count: (text: string) => number;
}

export interface Prompt {
  messages: PromptMessage[];
  /** How many messages of the history are sent, and how many older ones are not. Blank ones do not count. */
  included: number;
  omitted: number;
}

/**
 * The rough number of tokens that chat templates add around each message. It is more than the blank line between two
 * texts of one turn.
 */
export const MESSAGE_OVERHEAD = 4;
/** Characters counted in one turn of the event loop. */
const CHARS_AT_ONCE = 16_384;

/**
 * Turns the history into model input: the system prompt, then a dialogue that alternates, and begins and ends with
 * the user, whatever is stored. The system prompt and the user's newest message are always sent in full, then the
 * newest older messages that fit. Counts only the messages that it has to look at.
 */
export async function buildPrompt(input: PromptInput): Promise<Prompt> {
  const { system, maxTokens, count } = input;
  const cost = ({ content, reasoning }: PromptMessage) =>
    count(content) + (reasoning ? count(reasoning) : 0) + MESSAGE_OVERHEAD;
  const tail = goingOn(input.kept ?? '', maxTokens);
  const fixed = isBlank(system) ? tail : [message('system', system), ...tail];
  const budget = fixed.reduce((left, next) => left - cost(next), maxTokens);
  const history = askedOf(input.history);
  const kept = await newestThatFit(history, budget, cost);
  const stored = kept.filter(({ role }) => role === 'system').map(({ content }) => content);
  const head = [system, ...stored].filter((text) => !isBlank(text)).join(BETWEEN);
  const asked = kept.filter(({ role }) => role !== 'system');
  const dialogue = alternating([...asked, ...tail]);
  const unasked = asked.findIndex(({ role }) => role === 'user');
  return {
    messages: head === '' ? dialogue : [message('system', head), ...dialogue],
    included: said(kept) - Math.max(0, unasked),
    omitted: said(history) - said(kept) + Math.max(0, unasked),
  };
}

const BETWEEN = '\n\n';
const said = (messages: readonly PromptMessage[]): number =>
  messages.filter(({ content }) => !isBlank(content)).length;
const isBlank = (text: string) => text.trim() === '';
const message = (role: PromptMessage['role'], content: string): PromptMessage => ({
  role,
  content,
});

export const GO_ON =
  'Continue your last answer exactly where it ends. Repeat nothing of it and add no introduction.';

/** Sends the end of an answer to be continued, in at most half of the budget: no token is shorter than a character. */
function goingOn(kept: string, maxTokens: number): PromptMessage[] {
  if (kept === '') return [];
  const end = kept.slice(-Math.max(1, Math.floor(maxTokens / 2))).replace(/^[\uDC00-\uDFFF]/, '');
  return [message('assistant', end), message('user', GO_ON)];
}

/** The history up to the newest question. */
function askedOf(history: readonly PromptMessage[]): readonly PromptMessage[] {
  return history.slice(0, history.findLastIndex(({ role }) => role === 'user') + 1);
}

/**
 * The last message and the ones before it that fit, oldest first. Blank messages say nothing, and some servers refuse
 * them.
 */
async function newestThatFit(
  history: readonly PromptMessage[],
  budget: number,
  cost: (message: PromptMessage) => number,
): Promise<PromptMessage[]> {
  const kept: PromptMessage[] = [];
  let left = budget;
  let counted = 0;
  for (const next of history.toReversed()) {
    if (kept.length > 0 && isBlank(next.content)) continue;
    if (counted > CHARS_AT_ONCE) counted = await nextTurn(0);
    counted += next.content.length;
    left -= cost(next);
    if (kept.length > 0 && left < 0) break;
    kept.push(next);
  }
  return kept.reverse();
}

/**
 * Equal roles follow each other if an answer failed or is empty, and strict chat templates refuse that, so their
 * texts are joined. An answer whose question is not sent is left out, too.
 */
function alternating(messages: readonly PromptMessage[]): PromptMessage[] {
  const turns: PromptMessage[] = [];
  for (const { role, content, ...kept } of messages) {
    const last = turns.at(-1);
    if (last?.role === role)
      Object.assign(last, { content: last.content + BETWEEN + content }, given(kept));
    else if (last || role === 'user') turns.push({ role, content, ...given(kept) });
  }
  return turns;
}

/** Leaves out keys that have no value. Of joined answers the later one counts. */
const given = ({ reasoning, vendor }: Omit<PromptMessage, 'role' | 'content'>) => ({
  ...(reasoning && { reasoning }),
  ...(vendor && { vendor }),
});
