import type { PromptMessage } from '../entities.js';

export interface PromptInput {
  system: string;
  /** Oldest first. */
  history: readonly PromptMessage[];
  /** Budget of the whole prompt. */
  maxTokens: number;
  count: (text: string) => number;
}

/** What chat templates add around each message, roughly. */
const MESSAGE_OVERHEAD = 4;

/**
 * History -> model input. The system prompt and everything from the newest user message on are always sent, whole;
 * of what is older the newest part that fits. Counts no more messages than it needs to look at.
 */
export function buildPrompt({ system, history, maxTokens, count }: PromptInput): PromptMessage[] {
  const cost = (message: PromptMessage) => count(message.content) + MESSAGE_OVERHEAD;
  const head: PromptMessage[] = system === '' ? [] : [{ role: 'system', content: system }];
  const budget = maxTokens - head.reduce((sum, message) => sum + cost(message), 0);
  return [...head, ...dropOrphans(newestThatFit(history, budget, cost))];
}

function newestThatFit(
  history: readonly PromptMessage[],
  budget: number,
  cost: (message: PromptMessage) => number,
): PromptMessage[] {
  const kept: PromptMessage[] = [];
  let left = budget;
  let asked = false;
  for (const message of newestFirst(history)) {
    left -= cost(message);
    if (asked && left < 0) break;
    kept.push(message);
    asked ||= message.role === 'user';
  }
  return kept.reverse();
}

/** Failed answers are empty: they would only confuse the model. */
function* newestFirst(history: readonly PromptMessage[]): Generator<PromptMessage> {
  for (let index = history.length - 1; index >= 0; index--) {
    const message = history[index];
    if (message && !(message.role === 'assistant' && message.content === '')) yield message;
  }
}

/** An answer whose question went over the budget; many chat templates refuse to begin with one. */
function dropOrphans(messages: PromptMessage[]): PromptMessage[] {
  const first = messages.findIndex((message) => message.role !== 'assistant');
  return first === -1 ? messages : messages.slice(first);
}
