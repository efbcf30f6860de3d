import type { Usage } from '../../contract/rest.js';
import type { Claim, PromptMessage } from '../../model/entities.js';
import type { CompletionRequest, Tokenizer } from '../../ports/completion-provider.js';
import type { Database } from '../../ports/repositories.js';
import { LeaseLost } from './abort-reasons.js';
import { buildPrompt, GO_ON, MESSAGE_OVERHEAD } from './prompt.js';

/** What the server sets where a conversation does not. */
export interface ModelDefaults {
  model: string;
  systemPrompt: string;
  temperature: number | null;
  maxTokens: number | null;
  /** Tokens that a prompt may have. */
  promptTokens: number;
}

/** Messages that are looked at for a prompt; older ones never fit a budget anyway. */
const HISTORY_MESSAGES = 400;
/** Read for each token of the budget; a history with fewer tokens to a byte is read no further. */
const BYTES_PER_TOKEN = 64;

export interface ClaimedRequest {
  request: CompletionRequest;
  /** Text of earlier attempts with which the answer goes on; empty: it begins. */
  kept: string;
}

/** The model call for a claim: its conversation's settings and the branch above the answer. @throws LeaseLost when either is gone. */
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
  const system = settings.systemPrompt ?? defaults.systemPrompt;
  const isShort =
    mostTokens([system, ...textsOf(history), ...(kept === '' ? [] : [kept, GO_ON])]) <=
    defaults.promptTokens;
  const request = {
    model: claim.model ?? settings.model ?? defaults.model,
    messages: await buildPrompt({
      system,
      history,
      kept,
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

/** A token has at least one byte. What fits the budget by that need not be counted, nor the vocabulary be loaded for it. */
const mostTokens = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + MESSAGE_OVERHEAD, 0);

/** Where nothing limits the answer; what it really took is counted when it has ended. */
const ASSUMED_ANSWER_TOKENS = 1_000;

/** Model servers count what an answer may take against their limits when it is asked for. */
export const expectedAnswerTokens = ({ maxTokens }: CompletionRequest): number =>
  maxTokens ?? ASSUMED_ANSWER_TOKENS;

/** One count, whose time has a bound, however many messages there are. */
export const estimatePromptTokens = (request: CompletionRequest, tokenizer: Tokenizer): number =>
  tokenizer.count(textsOf(request.messages).join('\n'));

/** Counted here, because the model server sent no usage. */
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
