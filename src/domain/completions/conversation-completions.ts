import { BEGINNING } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { Message } from '../../contract/rest.js';
import { isStorable, isVisible } from '../../contract/text.js';
import { AppError, invalid, unavailable } from '../../entities/errors.js';
import { ProviderError } from '../../ports/completion-provider.js';
import type { RawEnd, RawRequest } from '../../ports/raw-completions.js';
import type { Tokenizer } from '../../ports/tokenizer.js';
import {
  AnswerTooLong,
  HandedBack,
  LeaseLost,
  QuotaSpent,
  Stopped,
} from '../answers/abort-reasons.js';
import { type AnswerFollower, endOf } from '../answers/follow.js';
import type { GenerationService } from '../answers/generation-service.js';
import type { GivenRequest, GivenRequests } from '../answers/model/given-requests.js';
import type { RawSource } from '../answers/model/paced-provider.js';
import {
  countedUsage,
  maxTokensOf,
  promptTokensOf,
  SaidTokens,
} from '../answers/model/raw-text.js';
import type { MessageService } from '../conversations/message-service.js';
import type { Logger } from '../logger.js';
import type { Asker } from '../rights/held-right.js';
import type { Completed } from './completion-service.js';

export interface ConversationCompletionsDeps {
  messages: Pick<MessageService, 'askNow'>;
  generations: Pick<GenerationService, 'stop'>;
  follower: Pick<AnswerFollower, 'followStored'>;
  given: GivenRequests;
  provider: RawSource;
  tokenizer: Tokenizer;
  logger: Logger;
}

export interface ConversationAsk {
  asker: Asker;
  conversationId: number;
  request: RawRequest;
}

/**
 * Completions whose question and answer are stored in a conversation. The answer is one like any other: readers follow
 * it live, its user pays for it as for any, and if its node dies another one answers, from what the conversation says.
 */
export class ConversationCompletions {
  readonly #deps: ConversationCompletionsDeps;

  constructor(deps: ConversationCompletionsDeps) {
    this.#deps = deps;
  }

  /**
   * Does what `CompletionService.run` does. Resolves when the answer is stored. A client that leaves stops it.
   * @throws AppError `not_found`, `forbidden`, `validation_failed` without a question that can be stored,
   * `rate_limited` if the answer could not begin at once: then nothing was stored
   */
  async run(
    { asker, conversationId, request }: ConversationAsk,
    onChunk: (json: string) => void,
    signal: AbortSignal,
  ): Promise<Completed> {
    const { messages, given } = this.#deps;
    const content = questionIn(request.body);
    signal.throwIfAborted();
    const call = new GivenCall(this.#deps, request, onChunk);
    let asked: number | null = null;
    try {
      const input = { content, conversationId, model: request.model };
      const { assistant_message: answer } = await messages.askNow(
        asker,
        input,
        async (_id, one) => {
          if (!one) return;
          asked = one.id;
          given.put(one.id, call.given);
        },
      );
      return await this.#untilStored(asker, answer, call, signal);
    } finally {
      call.mute();
      if (asked !== null) given.drop(asked);
    }
  }

  async #untilStored(
    asker: Asker,
    answer: Message,
    call: GivenCall,
    signal: AbortSignal,
  ): Promise<Completed> {
    const over = new AbortController();
    const onAbort = () => {
      over.abort(signal.reason);
      // A client that loses a right, or a node, keeps the answer.
      if (!(signal.reason instanceof AppError)) this.#stop(asker, answer.id);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const items = this.#deps.follower.followStored(asker.userId, answer, BEGINNING, over.signal);
    const stored = endOf(items);
    stored.catch(() => {});
    const elsewhere = stored.then((): never => {
      throw unavailable(new Error('the answer ended on another node'));
    });
    elsewhere.catch(() => {});
    try {
      const completed = await Promise.race([call.done, elsewhere]);
      await stored;
      return completed;
    } finally {
      signal.removeEventListener('abort', onAbort);
      over.abort();
    }
  }

  #stop(asker: Asker, messageId: number): void {
    const { generations, logger } = this.#deps;
    generations.stop(asker, messageId).catch((err: unknown) => {
      logger.warn({ err, messageId }, 'an answer whose client has left was not stopped');
    });
  }
}

/** The request of one client, for the runner of its answer. */
class GivenCall {
  readonly done: Promise<Completed>;
  readonly #deps: Pick<ConversationCompletionsDeps, 'provider' | 'tokenizer'>;
  readonly #request: RawRequest;
  readonly #promptTokens: number;
  #onChunk: (json: string) => void;
  #settle: { resolve(completed: Completed): void; reject(error: unknown): void };

  constructor(
    deps: Pick<ConversationCompletionsDeps, 'provider' | 'tokenizer'>,
    request: RawRequest,
    onChunk: (json: string) => void,
  ) {
    this.#deps = deps;
    this.#request = request;
    this.#onChunk = onChunk;
    this.#promptTokens = promptTokensOf(request.body, deps.tokenizer);
    this.#settle = { resolve() {}, reject() {} };
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.done.catch(() => {});
  }

  get given(): GivenRequest {
    const { model, body, stream } = this.#request;
    return {
      model,
      isWhole: !stream,
      promptTokens: this.#promptTokens,
      maxTokens: maxTokensOf(body),
      complete: this.#complete,
    };
  }

  /** The client gets nothing more. */
  mute(): void {
    this.#onChunk = () => {};
  }

  readonly #complete: GivenRequest['complete'] = async (onChunk, said, signal, hears) => {
    const { provider, tokenizer } = this.#deps;
    const heard = new SaidTokens(tokenizer);
    const listen = (json: string) => {
      heard.hear(json);
      this.#onChunk(json);
      onChunk(json);
    };
    try {
      const request = { ...this.#request, said };
      const end = await provider.complete(request, listen, { signal, patient: true, hears });
      this.#end(end, heard);
      return end;
    } catch (error) {
      this.#settle.reject(signal.aborted ? toldOf(signal.reason) : error);
      throw error;
    }
  };

  #end({ usage, finishReason }: RawEnd, heard: SaidTokens): void {
    if (finishReason === null) {
      const detail = 'The model broke off without finishing.';
      this.#settle.reject(new ProviderError('provider_error', detail));
      return;
    }
    const counted = usage ?? countedUsage(this.#promptTokens, heard.tokens);
    this.#settle.resolve({ usage: counted, finishReason });
  }
}

/** Why the answer was ended, for its client. */
function toldOf(reason: unknown): unknown {
  const failed = (detail: string) => new ProviderError('provider_error', detail);
  if (reason instanceof Stopped) return failed('The answer was stopped.');
  if (reason instanceof AnswerTooLong) return failed('The answer was too long and was cut.');
  if (reason instanceof QuotaSpent) return new AppError('quota_exceeded');
  if (reason instanceof HandedBack || reason instanceof LeaseLost) return unavailable(reason);
  return reason;
}

/** The text of the last user message. @throws AppError `validation_failed` */
function questionIn({ messages }: RawRequest['body']): string {
  const all: unknown[] = Array.isArray(messages) ? messages : [];
  const last = all.findLast((message) => Object(message).role === 'user');
  const { content } = Object(last) as { content?: unknown };
  const text = (Array.isArray(content) ? content : [content])
    .map((part) => (typeof part === 'string' ? part : Object(part).text))
    .filter((part) => typeof part === 'string')
    .join('\n');
  const path = 'messages';
  if (!isVisible(text)) throw invalid({ path, code: 'text.blank' });
  if (!isStorable(text)) throw invalid({ path, code: 'text.storable' });
  const limit = LIMITS.messageChars;
  if (text.length > limit) throw invalid({ path, code: 'string.max', values: { limit } });
  return text;
}
