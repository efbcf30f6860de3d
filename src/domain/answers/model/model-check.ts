import type { ModelFault } from '../../../contract/admin.js';
import { type CompletionRequest, ProviderError } from '../../../ports/completion-provider.js';
import type { Database } from '../../../ports/repositories/repositories.js';
import { afterReads } from '../../after-reads.js';
import { type Asker, holdRight } from '../../rights/held-right.js';
import type { ModelCatalog } from './model-catalog.js';
import { ModelPaused } from './model-slot.js';
import type { AnswerSource } from './paced-provider.js';

export interface ModelCheckResult {
  model: string;
  /** Null: it answers. */
  fault: ModelFault | null;
  /** The model server's own. */
  words: string | null;
  /** Time until its first sign, or until it failed. */
  ms: number;
}

export interface ModelCheckDeps {
  db: Pick<Database, 'transaction'>;
  models: Pick<ModelCatalog, 'list' | 'resolve'>;
  /** The server of a model. */
  serverOf(model: string): AnswerSource | null;
  /** Time for the first sign of an answer. */
  withinMs?: number;
}

/** Long enough for a small machine that has to load the model first. */
const WITHIN_MS = 60_000;
/** The first text ends the call. Some servers refuse a smaller limit. */
const MAX_TOKENS = 16;

/** The first text or thought has come, so the rest is not needed. */
class Answered extends Error {}

/** Finds out whether a model answers, without its fallback. It costs a few tokens, which count for nobody. */
export class ModelCheck {
  readonly #deps: ModelCheckDeps;

  constructor(deps: ModelCheckDeps) {
    this.#deps = deps;
  }

  /**
   * Checks the default model if there is no name.
   * @throws AppError `validation_failed` for a model that is not offered; the reason of `signal`
   */
  async run(
    asker: Asker,
    name: string | undefined,
    signal: AbortSignal,
  ): Promise<ModelCheckResult> {
    const { db, models } = this.#deps;
    const model = models.resolve(name) ?? models.list().find((each) => each.default)?.id ?? '';
    await db.transaction((tx) => holdRight(tx, asker, 'models:test'));
    const began = performance.now();
    const request = {
      ...{ model, messages: [{ role: 'user' as const, content: 'Hi' }] },
      ...{ temperature: null, maxTokens: MAX_TOKENS, user: String(asker.userId) },
    };
    const { fault, words } = await this.#ask(request, signal);
    return { model, fault, words, ms: Math.round(performance.now() - began) };
  }

  async #ask(request: CompletionRequest, caller: AbortSignal): Promise<Found> {
    const server = this.#deps.serverOf(request.model);
    if (!server) return found('not_found');
    const control = new AbortController();
    const { withinMs = WITHIN_MS } = this.#deps;
    const cancel = afterReads(() => control.abort(new Error('no answer in time')), withinMs);
    const heard = () => control.abort(new Answered());
    try {
      const signal = AbortSignal.any([caller, control.signal]);
      const end = await server.stream(request, heard, {
        signal,
        patient: false,
        hears: { reasoning: heard },
      });
      return found(end.finishReason === null ? 'silent' : null);
    } catch (error) {
      caller.throwIfAborted();
      return faultIn(control.signal.aborted ? control.signal.reason : error);
    } finally {
      cancel();
    }
  }
}

type Found = Pick<ModelCheckResult, 'fault' | 'words'>;

const found = (fault: ModelFault | null, words: string | null = null): Found => ({ fault, words });

function faultIn(error: unknown): Found {
  if (error instanceof Answered) return found(null);
  if (error instanceof ModelPaused) return found('busy');
  if (error instanceof ProviderError) return found(error.fault ?? 'reported', error.words);
  return found('no_answer');
}
