import {
  type CompletionEnd,
  type CompletionRequest,
  type Hears,
  type OfferedModel,
  ProviderError,
} from '../../../ports/completion-provider.js';
import type { RawEnd, RawRequest } from '../../../ports/raw-completions.js';
import type { Logger } from '../../logger.js';
import { ModelPaused } from './model-slot.js';
import type {
  AnswerSource,
  ModelAsk,
  PacedProvider,
  RawHears,
  RawSource,
} from './paced-provider.js';
import { RawRoutedCall, RoutedCall, type RoutedCalls } from './routed-call.js';

/** A server that has failed is asked last for this long, if another one can be asked. */
const REST_MS = 30_000;
const NOT_OFFERED = 'The model is no longer offered. Please choose another one.';

interface Route {
  id: string;
  server: PacedProvider;
  fallback: readonly string[];
}

/** Finds the server of a model. A model that fails before its first text is followed by its fallback. */
export class ModelRouter implements AnswerSource, RawSource {
  readonly #servers: readonly PacedProvider[];
  readonly #routes = new Map<string, Route>();
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #restsUntil = new Map<PacedProvider, number>();

  /** `servers` is not empty. If several models have the same id, the first one counts. */
  constructor(servers: readonly PacedProvider[], logger: Logger, now = () => performance.now()) {
    this.#servers = servers;
    this.#logger = logger;
    this.#now = now;
    for (const server of servers) {
      for (const { id, fallback } of server.models()) {
        if (!this.#routes.has(id)) this.#routes.set(id, { id, server, fallback });
      }
    }
  }

  models(): OfferedModel[] {
    return this.#servers.flatMap((server) => server.models());
  }

  stream(
    request: CompletionRequest,
    onText: (text: string) => void,
    ask: ModelAsk<Hears>,
  ): Promise<CompletionEnd> {
    const [first, ...others] = this.#routesTo(request.model);
    if (!first) return Promise.reject(new ProviderError('provider_error', NOT_OFFERED));
    const { server } = first;
    if (others.length === 0) return server.stream(request, onText, ask);
    const call = new RoutedCall(request, onText, ask);
    return this.#inTurn([first, ...others], call, ask.patient);
  }

  complete(
    request: RawRequest,
    onChunk: (json: string) => void,
    ask: ModelAsk<RawHears>,
  ): Promise<RawEnd> {
    const routes = this.#routesTo(request.model);
    if (routes.length === 0)
      return Promise.reject(new ProviderError('provider_error', NOT_OFFERED));
    const call = new RawRoutedCall(request, onChunk, ask);
    return this.#inTurn(routes, call, ask.patient);
  }

  /** The server of a model, for a call that concerns no other model; null: it is not offered. */
  serverOf(model: string): AnswerSource | null {
    return this.#routes.get(model)?.server ?? null;
  }

  /** How long a small request would wait at the server that takes it first. Never rejects. */
  async waitMs(): Promise<number> {
    return Math.min(...(await this.#waits()));
  }

  /** Models that take no requests now, and for how many ms. Excludes those with a fallback that does. Never rejects. */
  async pauses(): Promise<ReadonlyMap<string, number>> {
    const [only, ...others] = this.#servers;
    if (only && others.length === 0) return this.#unlessFollowed(await only.pauses());
    const [waits, pauses] = await Promise.all([
      this.#waits(),
      Promise.all(this.#servers.map((server) => server.pauses())),
    ]);
    const all = new Map<string, number>();
    for (const [i, server] of this.#servers.entries()) {
      for (const { id } of server.models()) {
        if (this.#routes.get(id)?.server !== server) continue;
        const ms = Math.max(waits[i] ?? 0, pauses[i]?.get(id) ?? 0);
        if (ms > 0) all.set(id, ms);
      }
    }
    return this.#unlessFollowed(all);
  }

  #waits(): Promise<number[]> {
    return Promise.all(this.#servers.map((server) => server.waitMs()));
  }

  #unlessFollowed(pauses: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const isFollowed = (id: string) =>
      this.#routes.get(id)?.fallback.some((other) => !pauses.has(other)) ?? false;
    return new Map([...pauses].filter(([id]) => !isFollowed(id)));
  }

  /**
   * A model that is no longer offered is requested from the only server, which may know it. Of several none is asked:
   * the conversation was meant for another one.
   */
  #routesTo(model: string): Route[] {
    const route = this.#routes.get(model);
    const [server, ...more] = this.#servers;
    if (!route) return server && more.length === 0 ? [{ id: model, server, fallback: [] }] : [];
    const others = route.fallback.flatMap((id) => this.#routes.get(id) ?? []);
    if (others.length === 0) return [route];
    const all = [route, ...others];
    const rested = all.filter((each) => !this.#rests(each));
    return [...rested, ...all.filter((each) => this.#rests(each))];
  }

  #rests({ server }: Route): boolean {
    return (this.#restsUntil.get(server) ?? 0) > this.#now();
  }

  async #inTurn<E extends { finishReason: string | null }>(
    routes: readonly Route[],
    call: RoutedCalls<E>,
    patient: boolean,
  ): Promise<E> {
    for (const [i, { id, server }] of routes.entries()) {
      const isLast = i === routes.length - 1;
      try {
        const end = await call.ask(id, server, patient && isLast);
        if (isLast || call.hasText || end.finishReason !== null) return end;
        this.#failed(id, server, new Error('ended without an answer'));
      } catch (error) {
        if (isLast || !call.mayGoOn(error)) throw error;
        this.#failed(id, server, error);
      }
    }
    throw new Error('there is no model server');
  }

  /** A paused model, or a request that was refused, says nothing about the server. */
  #failed(model: string, server: PacedProvider, err: unknown): void {
    this.#logger.warn({ model, err }, 'model failed before its first text, its fallback is asked');
    const isRefusal = err instanceof ProviderError && err.code === 'provider_error';
    if (isRefusal || err instanceof ModelPaused) return;
    this.#restsUntil.set(server, this.#now() + REST_MS);
  }
}
