import type { Charge, Claim } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import {
  type CompletionEnd,
  type CompletionRequest,
  ProviderError,
} from '../../ports/completion-provider.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Tokenizer } from '../../ports/tokenizer.js';
import { costOf } from '../answers/model/cost.js';
import type { ModelCatalog } from '../answers/model/model-catalog.js';
import { estimatePromptTokens, estimateUsage } from '../answers/model/model-request.js';
import type { AnswerSource } from '../answers/model/paced-provider.js';
import type { OwedCharges } from '../limits/owed-charges.js';
import type { Logger } from '../logger.js';
import type { ConversationService } from './conversation-service.js';
import { titleIn, titlePrompt } from './title-text.js';

export interface TitleSettings {
  enabled: boolean;
  /** Null: the model of the answer. */
  model: string | null;
  /** The model of answers that name none. */
  defaultModel: string;
}

export interface TitleServiceDeps {
  db: Database;
  provider: AnswerSource;
  tokenizer: Tokenizer;
  owed: Pick<OwedCharges, 'settle'>;
  conversations: Pick<ConversationService, 'announceChange'>;
  models: Pick<ModelCatalog, 'priceOf'>;
  logger: Logger;
}

/** Enough for models that reason first. */
const MAX_TOKENS = 400;
const WITHIN_MS = 30_000;
/** A reply that is longer, with its reasoning, is no title: the server ignores the limit. */
const MOST_CHARS = 65_536;
/** A reservation that its node could not end expires after this time. */
const RESERVED_MS = 2 * WITHIN_MS;
/** Titles that one node asks for at once; further conversations keep theirs. */
const AT_ONCE = 8;
const PROMPT = { messages: 1, bytes: 16_384 };

/** What the model has said so far. */
interface Said {
  text: string;
  reasoning: string;
  model: string;
  /** Null: it has not ended, or broke off. */
  end: CompletionEnd | null;
}

class NoTitle extends Error {
  override readonly name = 'NoTitle';
}

/** Refusals, failures of the model server, and the ends of a wait (a time limit is a `DOMException`). All others are faults of this program. */
const USUAL = [AppError, ProviderError, NoTitle, DOMException];

/** Lets the model give a conversation a title after the first answer. If anything fails, the title stays as it is. */
export class TitleService {
  readonly #deps: TitleServiceDeps;
  readonly #settings: TitleSettings;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();

  constructor(deps: TitleServiceDeps, settings: TitleSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /** Called by the node that completed an answer, which is the only one. */
  completed(claim: Claim, answer: string): void {
    const isBusy = this.#running.size >= AT_ONCE || this.#stop.signal.aborted;
    if (!this.#settings.enabled || isBusy) return;
    const work = this.#name(claim, answer)
      .catch((error: unknown) => this.#failed(claim, error))
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  #failed({ conversationId }: Claim, err: unknown): void {
    const { logger } = this.#deps;
    const isUsual = USUAL.some((kind) => err instanceof kind);
    logger[isUsual ? 'debug' : 'error']({ err, conversationId }, 'no title by the model');
  }

  async stop(): Promise<void> {
    this.#stop.abort(new NoTitle('the node stops'));
    await Promise.all(this.#running);
  }

  async #name(claim: Claim, answer: string): Promise<void> {
    const { db, conversations } = this.#deps;
    const { conversationId, userId } = claim;
    const before = await db.titles.take(conversationId);
    if (before === null) return;
    const request = await this.#request(claim, answer);
    const title = request && titleIn(await this.#reserved(userId, request));
    if (!title || title === before) return;
    if (await db.titles.give(conversationId, before, title))
      await conversations.announceChange(conversationId);
  }

  async #request(claim: Claim, answer: string): Promise<CompletionRequest | null> {
    const source = await this.#deps.db.messages.prompt(claim.messageId, PROMPT);
    const question = source?.history.at(-1)?.content;
    if (!source || question === undefined) return null;
    const { model, defaultModel } = this.#settings;
    return {
      model: model ?? claim.model ?? source.settings.model ?? defaultModel,
      messages: titlePrompt(question, answer),
      temperature: null,
      maxTokens: MAX_TOKENS,
      user: String(claim.userId),
    };
  }

  /** The user pays for what the model said, even if it makes no title. Empty: the quota leaves too little. */
  async #reserved(userId: number, request: CompletionRequest): Promise<string> {
    const { db, tokenizer, owed } = this.#deps;
    const tokens = estimatePromptTokens(request, tokenizer) + MAX_TOKENS;
    const reservation = await db.usage.reserve(userId, tokens, RESERVED_MS);
    if (reservation === null) return '';
    const said: Said = { text: '', reasoning: '', model: request.model, end: null };
    try {
      return await this.#ask(request, said);
    } finally {
      await owed.settle({ reservation, userId, charge: this.#chargeOf(request, said) });
    }
  }

  /** Keeps in `said` what it hears. */
  async #ask(request: CompletionRequest, said: Said): Promise<string> {
    const tooLong = new AbortController();
    const limits = [this.#stop.signal, tooLong.signal, AbortSignal.timeout(WITHIN_MS)];
    const hear = (kind: 'text' | 'reasoning') => (piece: string) => {
      said[kind] += piece;
      if (said.text.length + said.reasoning.length > MOST_CHARS)
        tooLong.abort(new NoTitle('the reply is too long for a title'));
    };
    const hears = {
      reasoning: hear('reasoning'),
      model: (id: string) => {
        said.model = id;
      },
    };
    const { provider } = this.#deps;
    const signal = AbortSignal.any(limits);
    said.end = await provider.stream(request, hear('text'), { signal, patient: false, hears });
    tooLong.signal.throwIfAborted();
    return said.text;
  }

  /** Null: the model broke off before it said anything. */
  #chargeOf(request: CompletionRequest, said: Said): Charge | null {
    const { tokenizer, models } = this.#deps;
    if (said.end === null && said.text === '' && said.reasoning === '') return null;
    const usage = said.end?.usage ?? estimateUsage(request, said, tokenizer);
    const price = models.priceOf(said.model);
    const cost = costOf(usage, price);
    const { total_tokens: tokens } = usage;
    return { model: said.model, tokens, cost, currency: price?.currency ?? null };
  }
}
