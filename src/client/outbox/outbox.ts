import type { ErrorCode } from '../../contract/errors.js';
import type { AckData, Acked, ClientPayload } from '../../contract/events.js';
import { ParleyError, toParleyError } from '../parley-error.js';
import { randomId } from '../random-id.js';
import { Subject, type Unsubscribe } from '../subject.js';
import { Patience } from '../time/patience.js';
import { Retry } from '../time/retry.js';

/** The ack of a send. */
export type Sent = AckData<'message:send'>;
/** A send without its `client_id`, which the outbox adds. */
export type Draft = Omit<ClientPayload<'message:send'>, 'client_id'>;
/** A message that is kept until the server has acknowledged it. */
export type OutboxEntry = ClientPayload<'message:send'>;

/**
 * Survives a reload if it writes to durable storage. Two pages may share it: the server stores each `client_id` once.
 */
export interface OutboxStorage {
  /** Oldest first. Called once, at the start. */
  all(): OutboxEntry[];
  /** Stores an entry until it is removed. */
  put(entry: OutboxEntry): void;
  /** Removes an entry: it was acknowledged or discarded. */
  remove(clientId: string): void;
  /** Remembers that an entry was discarded, which another page may have in its outbox. `remove` follows. */
  discard?(clientId: string): void;
  /** Whether any page has discarded the entry. Asked before each send. */
  isDiscarded?(clientId: string): boolean;
}

/** A message in the outbox. */
export interface Pending {
  readonly entry: OutboxEntry;
  /** Why it was finally refused; null while it waits. */
  readonly error: ParleyError | null;
}

/** A message that the server has acknowledged. */
export interface SentEvent {
  entry: OutboxEntry;
  sent: Sent;
}

interface Waiter {
  promise: Promise<Sent>;
  resolve(sent: Sent): void;
  reject(error: ParleyError): void;
}

/**
 * Sends one message after another, each until it is acknowledged or refused, so that nothing typed is lost.
 * @example
 * client.outbox.subscribe((pending) => {
 *   for (const { entry, error } of pending) showUnsent(entry.content, error?.code ?? 'waiting');
 * });
 */
export class Outbox {
  readonly #send: (entry: OutboxEntry) => Promise<Sent>;
  readonly #storage: OutboxStorage | null;
  readonly #changes = new Subject<readonly Pending[]>();
  readonly #sent = new Subject<SentEvent>();
  readonly #waiters = new Map<string, Waiter>();
  readonly #retry = new Retry();
  readonly #patience = new Patience();
  #pending: readonly Pending[];
  #online = false;
  #busy = false;

  constructor(send: (entry: OutboxEntry) => Promise<Sent>, storage: OutboxStorage | null) {
    this.#send = send;
    this.#storage = storage;
    this.#pending = (storage?.all() ?? []).map((entry) => ({ entry, error: null }));
  }

  /** Oldest first. */
  get pending(): readonly Pending[] {
    return this.#pending;
  }

  /** Calls `listener` with the pending messages after every change. */
  subscribe(listener: (pending: readonly Pending[]) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Calls `listener` with every acknowledged message. */
  onSent(listener: (event: SentEvent) => void): Unsubscribe {
    return this.#sent.subscribe(listener);
  }

  /** Resolves to the ack, however many connections that takes. Rejects only if the message is refused or discarded. */
  add<const D extends Draft>(draft: D): Promise<Acked<'message:send', D>> {
    const entry = { ...draft, client_id: randomId() };
    this.#storage?.put(entry);
    this.#set([...this.#pending, { entry, error: null }]);
    return this.#promise(entry.client_id) as Promise<Acked<'message:send', D>>;
  }

  /**
   * Sends a refused message again, under its old `client_id`. One that still waits goes on waiting.
   * @throws ParleyError `not_found` if the outbox does not have it: it was acknowledged or discarded.
   */
  retry(clientId: string): Promise<Sent> {
    if (this.#storage?.isDiscarded?.(clientId)) this.discard(clientId);
    if (!this.#pending.some(({ entry }) => entry.client_id === clientId)) {
      return Promise.reject(refusal('not_found', 'There is no such message'));
    }
    this.#set(
      this.#pending.map((item) => (item.entry.client_id === clientId ? revived(item) : item)),
    );
    return this.#promise(clientId);
  }

  /**
   * Drops a message, usually a refused one. The promise of one that still waits rejects with `conflict`. A message that
   * is on its way may have reached the server: then `onSent` and the conversation tell of it.
   */
  discard(clientId: string): void {
    this.#waiters.get(clientId)?.reject(refusal('conflict', 'The message was discarded'));
    this.#storage?.discard?.(clientId);
    this.#remove(clientId);
  }

  /** Reports whether there is a connection. When one is back, pending messages are sent at once. */
  setOnline(online: boolean): void {
    this.#online = online;
    this.#retry.reset();
    this.#drain();
  }

  #promise(clientId: string): Promise<Sent> {
    const waiter = this.#waiters.get(clientId) ?? createWaiter();
    this.#waiters.set(clientId, waiter);
    this.#drain();
    return waiter.promise;
  }

  #drain(): void {
    const next = this.#pending.find((item) => item.error === null);
    if (!this.#online || this.#busy || this.#retry.waiting || next === undefined) return;
    const { client_id } = next.entry;
    if (this.#storage?.isDiscarded?.(client_id)) {
      this.discard(client_id);
      this.#drain();
      return;
    }
    this.#busy = true;
    void this.#deliver(next.entry).finally(() => {
      this.#busy = false;
      this.#drain();
    });
  }

  async #deliver(entry: OutboxEntry): Promise<void> {
    try {
      this.#acknowledged(entry, await this.#send(entry));
    } catch (error) {
      this.#failed(entry.client_id, toParleyError(error));
    }
  }

  #acknowledged(entry: OutboxEntry, sent: Sent): void {
    this.#retry.reset();
    this.#patience.reset();
    this.#sent.emit({ entry, sent });
    this.#waiters.get(entry.client_id)?.resolve(sent);
    this.#remove(entry.client_id);
  }

  #failed(clientId: string, error: ParleyError): void {
    if (this.#patience.mayRepeat(error)) {
      this.#retry.later(() => this.#drain(), error.retryAfterMs);
      return;
    }
    this.#patience.reset();
    this.#retry.reset();
    this.#set(
      this.#pending.map((item) => (item.entry.client_id === clientId ? { ...item, error } : item)),
    );
    this.#waiters.get(clientId)?.reject(error);
    this.#waiters.delete(clientId);
  }

  #remove(clientId: string): void {
    this.#storage?.remove(clientId);
    this.#waiters.delete(clientId);
    this.#set(this.#pending.filter((item) => item.entry.client_id !== clientId));
  }

  #set(pending: readonly Pending[]): void {
    this.#pending = pending;
    this.#changes.emit(pending);
  }
}

function createWaiter(): Waiter {
  const settle: Partial<Omit<Waiter, 'promise'>> = {};
  const promise = new Promise<Sent>((resolve, reject) =>
    Object.assign(settle, { resolve, reject }),
  );
  return { promise, ...settle } as Waiter;
}

const refusal = (code: ErrorCode, message: string) =>
  new ParleyError({ code, message, retryable: false });

const revived = (item: Pending): Pending => ({ ...item, error: null });
