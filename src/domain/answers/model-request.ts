import type { Usage } from '../../contract/rest.js';
import type { Claim, PromptMessage } from '../../model/entities.js';
import type { CompletionRequest, Tokenizer } from '../../ports/completion-provider.js';
import type { Kept } from '../../ports/message-repository.js';
import type { Database } from '../../ports/repositories.js';
import { LeaseLost } from './abort-reasons.js';
import { buildPrompt, GO_ON, MESSAGE_OVERHEAD } from './prompt.js';

/** Server settings that apply if the conversation has none. */
export interface ModelDefaults {
  model: string;
  systemPrompt: string;
  temperature: number | null;
  maxTokens: number | null;
  /** Most tokens of a prompt. */
  promptTokens: number;
}

/** Messages considered for a prompt. Older ones would not fit a budget anyway. */
const HISTORY_MESSAGES = 400;
/** Bytes read per token of the budget. A history with fewer tokens per byte is not read further. */
const BYTES_PER_TOKEN = 64;

export interface ClaimedRequest {
  request: CompletionRequest;
  kept: Kept;
}

/**
 * The model call for a claim: its conversation's settings and the branch above the answer. @throws LeaseLost if
 * either is gone
 */
export async function requestFor(
  db: Database,
  claim: Claim,
  defaults: ModelDefaults,
  tokenizer: Tokenizer,
): Promise<ClaimedRequest> {
  const source = await db.messages.prompt(claim.messageId, {
    messages: HISTORY_MESSAGES,
    bytes: defaults.promptTokens * BYTES_PER_TOKEN,
  });
  if (!source) throw new LeaseLost();
  const { settings, history, kept } = source;
  const { text } = kept;
  const system = settings.systemPrompt ?? defaults.systemPrompt;
  const isShort =
    mostTokens([system, ...textsOf(history), ...(text === '' ? [] : [text, GO_ON])]) <=
    defaults.promptTokens;
  const request = {
    model: claim.model ?? settings.model ?? defaults.model,
    messages: await buildPrompt({
      system,
      history,
      kept: text,
      maxTokens: defaults.promptTokens,
      count: (text) => (isShort ? 0 : tokenizer.count(text)),
    }),
    temperature: settings.temperature ?? defaults.temperature,
    maxTokens: settings.maxTokens ?? defaults.maxTokens,
    user: String(claim.userId),
  };
  return { request, kept };
}

const textsOf = (messages: readonly PromptMessage[]) => messages.map(({ content }) => content);

/** A token has at least one byte. A prompt that fits the budget by bytes needs no counting, and no vocabulary. */
const mostTokens = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + MESSAGE_OVERHEAD, 0);

/** Assumed if nothing limits the answer. The real number is counted when it has ended. */
const ASSUMED_ANSWER_TOKENS = 1_000;

/** Model servers count the possible length of an answer against their limits when it is requested. */
export const expectedAnswerTokens = ({ maxTokens }: CompletionRequest): number =>
  maxTokens ?? ASSUMED_ANSWER_TOKENS;

/** A single count, which takes bounded time for any number of messages. */
export const estimatePromptTokens = (request: CompletionRequest, tokenizer: Tokenizer): number =>
  tokenizer.count(textsOf(request.messages).join('\n'));

/** Counted here because the model server sent no usage. */
export function estimateUsage(
  request: CompletionRequest,
  answer: string,
  tokenizer: Tokenizer,
): Usage {
  const prompt_tokens = estimatePromptTokens(request, tokenizer);
  const completion_tokens = tokenizer.count(answer);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    estimated: true,
  };
}
