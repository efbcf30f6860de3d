import type { PromptContext } from '../../../contract/rest.js';
import type { Spoken } from '../../../contract/spoken.js';
import type { Claim, PromptMessage } from '../../../entities/entities.js';
import type { CompletionRequest, TokenCounts } from '../../../ports/completion-provider.js';
import type { Kept, PromptSource } from '../../../ports/repositories/message-repository.js';
import type { Database } from '../../../ports/repositories/repositories.js';
import type { Tokenizer } from '../../../ports/tokenizer.js';
import { LeaseLost } from '../abort-reasons.js';
import type { ModelLimits } from './model-catalog.js';
import { buildPrompt, GO_ON, MESSAGE_OVERHEAD, type Prompt } from './prompt.js';

/** Server settings that apply if the conversation has none. */
export interface ModelDefaults {
  model: string;
  systemPrompt: string;
  temperature: number | null;
  maxTokens: number | null;
  /** Most tokens of a prompt. */
  promptTokens: number;
  /** The limits of a model, as far as they are known. */
  limitsOf?(model: string): ModelLimits;
}

/** Messages considered for a prompt. Older ones would not fit a budget anyway. */
const HISTORY_MESSAGES = 400;
/** Bytes read per token of the budget. A history with fewer tokens per byte is not read further. */
const BYTES_PER_TOKEN = 64;

/** Assumed if nothing limits the answer. The real number is counted when it has ended. */
export const ASSUMED_ANSWER_TOKENS = 1_000;

export interface ClaimedRequest {
  request: CompletionRequest;
  /** The model of the claim. A request to its fallback has another one. */
  asked: string;
  kept: Kept;
  /** Counts of the history that was read, and the message above it. */
  context: PromptContext & { beyondId: number | null };
}

export interface RequestWish {
  /** This model is asked instead of the claim's. */
  model?: string;
  /** Sends along what a server may want back with its answers. */
  recall?: boolean;
}

/**
 * The model call for a claim: its conversation's settings and the branch above the answer.
 * @throws LeaseLost if either is gone
 */
export async function requestFor(
  db: Database,
  claim: Claim,
  defaults: ModelDefaults,
  tokenizer: Tokenizer,
  given: RequestWish = {},
): Promise<ClaimedRequest> {
  const source = await db.messages.prompt(claim.messageId, {
    messages: HISTORY_MESSAGES,
    bytes: defaults.promptTokens * BYTES_PER_TOKEN,
    recall: given.recall ?? false,
  });
  if (!source) throw new LeaseLost();
  const { settings, kept, beyondId } = source;
  const asked = claim.model ?? settings.model ?? defaults.model;
  const model = given.model ?? asked;
  const wish = settings.maxTokens ?? defaults.maxTokens;
  const { maxTokens, promptTokens } = within(defaults.limitsOf?.(model), wish, defaults);
  const system = settings.systemPrompt ?? defaults.systemPrompt;
  const { messages, ...context } = await promptOf(source, system, promptTokens, tokenizer);
  const temperature = settings.temperature ?? defaults.temperature;
  const again = (change: RequestWish) =>
    requestFor(db, claim, defaults, tokenizer, { ...given, ...change });
  const request = {
    ...{ model, messages, temperature, maxTokens, user: String(claim.userId) },
    recall: async () => (await again({ recall: true })).request.messages,
    as: async (other: string) => (await again({ model: other })).request,
  };
  return { request, asked, kept, context: { ...context, beyondId } };
}

function promptOf(
  { history, kept: { text } }: PromptSource,
  system: string,
  promptTokens: number,
  tokenizer: Tokenizer,
): Promise<Prompt> {
  const all = [system, ...textsOf(history), ...(text === '' ? [] : [text, GO_ON])];
  const isShort = mostTokens(all) <= promptTokens;
  return buildPrompt({
    ...{ system, history, kept: text, maxTokens: promptTokens },
    count: (each) => (isShort ? 0 : tokenizer.count(each)),
  });
}

/** Limits of an answer and its prompt. At least half of the context window is left to the prompt. */
export function within(
  limits: ModelLimits | undefined,
  wish: number | null,
  { promptTokens }: ModelDefaults,
): { maxTokens: number | null; promptTokens: number } {
  const { contextWindow = null, maxOutput = null } = limits ?? {};
  const maxTokens = wish !== null && maxOutput !== null ? Math.min(wish, maxOutput) : wish;
  if (contextWindow === null) return { maxTokens, promptTokens };
  const answer = maxTokens ?? maxOutput ?? ASSUMED_ANSWER_TOKENS;
  const left = contextWindow - Math.min(answer, Math.floor(contextWindow / 2));
  return { maxTokens, promptTokens: Math.min(promptTokens, left) };
}

/** Null if nothing was left out. Asks Postgres only if the history was not read up to its root. */
export async function contextOf(
  db: Database,
  { included, omitted, beyondId }: ClaimedRequest['context'],
): Promise<PromptContext | null> {
  const beyond = beyondId === null ? 0 : await db.messages.countUp(beyondId);
  return omitted + beyond === 0 ? null : { included, omitted: omitted + beyond };
}

const textsOf = (messages: readonly PromptMessage[]) =>
  messages.map(({ content, reasoning }) => (reasoning ? content + reasoning : content));

/** A token has at least one byte. So a prompt that fits the budget by bytes needs no counting, and no vocabulary. */
const mostTokens = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + MESSAGE_OVERHEAD, 0);

/** Model servers count the possible length of an answer against their limits when it is requested. */
export const expectedAnswerTokens = ({ maxTokens }: CompletionRequest): number =>
  maxTokens ?? ASSUMED_ANSWER_TOKENS;

/** A single count, which takes bounded time for any number of messages. */
export const estimatePromptTokens = (request: CompletionRequest, tokenizer: Tokenizer): number =>
  tokenizer.count(textsOf(request.messages).join('\n'));

/** The usage is counted here, because the model server sent none. */
export function estimateUsage(
  request: CompletionRequest,
  { text, reasoning }: Spoken,
  tokenizer: Tokenizer,
): TokenCounts {
  const prompt_tokens = estimatePromptTokens(request, tokenizer);
  const reasoning_tokens = reasoning === '' ? 0 : tokenizer.count(reasoning);
  const completion_tokens = reasoning_tokens + tokenizer.count(text);
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    cached_tokens: 0,
    reasoning_tokens,
    estimated: true,
  };
}
