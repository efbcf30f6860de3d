import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { Ack, MemberEvents, RoomEvent, SocketEvents } from '../src/contract/events.js';
import { type Book, type Held, isFinal, type View } from './book.js';
import { ackOf, type Deed, type DeedData, sendFields } from './deeds.js';
import { clock } from './journal.js';
import { GivenUp, type Manner, type OnAck, type Phone } from './phone.js';
import type { Random } from './random.js';
import { RawFollow } from './raw-follow.js';
import type { Critic } from './screen.js';

/** An event with its payload, which stay the same for each try. */
interface Packet {
  name: string;
  payload: object;
}

/** A refusal that repeating cannot change. */
class Refused extends Error {
  constructor(code: string) {
    super(code);
    this.name = code;
  }
}

export interface RawOptions {
  name: string;
  /** Nodes and the balancer. Every connection goes to one of them. */
  urls: readonly string[];
  token: string;
  book: Book;
  random: Random;
  critic: Critic;
}

const ACK_MS = 8_000;
const AGAIN_MS: readonly [number, number] = [100, 900];

/** Plain Socket.IO on any node, using only what protocol.md says. */
export class RawPhone implements Phone {
  readonly name: string;
  readonly manners = [
    [6, 'plain'],
    [2, 'lost'],
    [1, 'twice'],
    [1, 'again'],
    [0.5, 'given-up'],
  ] as const;
  readonly #options: RawOptions;
  readonly #followed = new Map<number, RawFollow>();
  readonly #trail: string[] = [];
  #socket: Socket | null = null;
  #onOnline: (() => void)[] = [];
  #closed = false;
  #serial = 0;

  constructor(options: RawOptions) {
    this.name = options.name;
    this.#options = options;
    this.#connect();
  }

  async act(deed: Deed, manner: Manner, onAck: OnAck): Promise<void> {
    this.#serial += 1;
    const packet = packetOf(deed, `${this.name}-${this.#serial}`);
    let isRepeated = manner === 'twice';
    const take = async () => onAck(ackOf(deed, await this.#deliver(packet, isRepeated)));
    if (manner === 'lost' || manner === 'given-up') {
      await this.#sendAndVanish(packet);
      isRepeated = true;
    }
    if (manner === 'given-up') throw new GivenUp('the connection ended');
    await Promise.all(manner === 'twice' ? [take(), take()] : [take()]);
    if (manner !== 'again') return;
    await this.drop(50);
    isRepeated = true;
    await take();
  }

  async stop(answerId: number): Promise<void> {
    await this.#call('generation:stop', { message_id: answerId });
  }

  follow(conversationId: number): void {
    if (this.#followed.has(conversationId)) return;
    const { critic, book } = this.#options;
    const own: Critic = {
      ...critic,
      complain: (id, what) => critic.complain(id, `${this.name} ${this.#trail.at(-1)}: ${what}`),
    };
    const follow = new RawFollow(
      conversationId,
      (name, payload) => this.#call(name, payload),
      own,
      (answerId) => book.firstText(answerId, this.name),
    );
    this.#followed.set(conversationId, follow);
    if (this.#socket?.connected) follow.connected();
  }

  branch(conversationId: number): readonly Held[] {
    return this.#followed.get(conversationId)?.branch ?? [];
  }

  isWaiting(conversationId: number): boolean {
    const lines = this.#followed.get(conversationId)?.screen.lines.values() ?? [];
    return [...lines].some(({ status }) => !isFinal(status));
  }

  leave(conversationId: number): void {
    const follow = this.#followed.get(conversationId);
    if (!follow) return;
    follow.leave(this.#options.book.now);
    const payload = { conversation_id: conversationId };
    void this.#call('conversation:close', payload).catch(() => {});
  }

  async drop(ms: number): Promise<void> {
    this.#vanish();
    await sleep(ms);
  }

  views(): View[] {
    return [...this.#followed].map(([conversationId, follow]) => {
      const { screen, ends, leftAt, branch } = follow;
      const questions = branch.filter(({ role }) => role === 'user');
      return {
        phone: this.name,
        conversationId,
        leftAt,
        branch: branch.map(({ id }) => id),
        screen: screen.lines,
        questions: new Map(questions.map(({ id, text }) => [id, text])),
        ends,
        trail: this.#trail,
      };
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
    for (const follow of this.#followed.values()) follow.lost();
  }

  #connect(): void {
    const { random, urls, token } = this.#options;
    const url = random.pick(urls);
    const transports = random.chance(0.1) ? ['polling', 'websocket'] : ['websocket'];
    const socket = io(url, { auth: { token }, transports, reconnection: false, forceNew: true });
    this.#socket = socket;
    socket.on('connect', () => this.#connected(new URL(url).port));
    socket.on('disconnect', (reason) => this.#lost(reason));
    socket.on('connect_error', (error) => this.#lost(error.message));
    socket.on('server:resync', (event) => this.#resync(event));
    socket.on('conversation:updated', (event) => this.#updated(event));
    socket.onAny((name: string, payload) => this.#receive({ name, payload } as RoomEvent));
  }

  #connected(port: string): void {
    this.#trail.push(`${clock(this.#options.book.now)} online at ${port}`);
    for (const resume of this.#onOnline.splice(0)) resume();
    for (const follow of this.#followed.values()) if (follow.leftAt === null) follow.connected();
  }

  #lost(reason: string): void {
    this.#trail.push(`${clock(this.#options.book.now)} ${reason}`);
    this.#socket?.removeAllListeners();
    this.#socket = null;
    for (const follow of this.#followed.values()) follow.lost();
    if (this.#closed) return;
    setTimeout(() => !this.#closed && this.#connect(), this.#options.random.int(...AGAIN_MS));
  }

  #resync({ conversation_ids }: SocketEvents['server:resync']): void {
    for (const follow of this.#followed.values()) {
      if (follow.leftAt === null && (conversation_ids?.includes(follow.id) ?? true))
        follow.resync();
    }
  }

  #updated({ conversation }: MemberEvents['conversation:updated']): void {
    this.#followed.get(conversation.id)?.updated(conversation);
  }

  #receive(event: RoomEvent): void {
    if (!event.name.startsWith('message:')) return;
    const { payload } = event;
    const id = 'message' in payload ? payload.message.conversation_id : payload.conversation_id;
    this.#followed.get(id)?.receive(event);
  }

  /** Vanishes as a phone in a tunnel does, without a goodbye. */
  #vanish(): void {
    const socket = this.#socket;
    const websocket: unknown = Reflect.get(socket?.io.engine?.transport ?? {}, 'ws');
    if (hasTerminate(websocket)) {
      websocket.terminate();
      return;
    }
    socket?.disconnect();
    // A socket that was still connecting emits nothing.
    if (socket && this.#socket === socket) this.#lost('gave up connecting');
  }

  async #online(): Promise<Socket> {
    while (!this.#socket?.connected) {
      if (this.#closed) throw new GivenUp('closed');
      await new Promise<void>((resolve) => this.#onOnline.push(resolve));
    }
    return this.#socket;
  }

  async #call<T>(name: string, payload: object): Promise<T> {
    const socket = this.#socket;
    if (!socket?.connected) throw new Error('away');
    const reply: Ack<T> = await socket.timeout(ACK_MS).emitWithAck(name, payload);
    if (reply.ok) return reply.data;
    this.#options.critic.count(`${name} refused: ${reply.error.code}`);
    if (!reply.error.retryable) throw new Refused(reply.error.code);
    throw Object.assign(new Error(reply.error.code), { waitMs: reply.error.retry_after_ms ?? 300 });
  }

  /** Repeats until it is acknowledged or refused permanently. A deletion that was done before finds nothing. */
  async #deliver({ name, payload }: Packet, isRepeated: boolean): Promise<DeedData> {
    for (let repeated = isRepeated; ; repeated = true) {
      await this.#online();
      try {
        return await this.#call<DeedData>(name, payload);
      } catch (error) {
        const isGone = error instanceof Refused && error.name === 'not_found';
        if (repeated && isGone && name === 'message:delete') return {};
        if (error instanceof Refused) throw error;
        await sleep(error instanceof Error && 'waitMs' in error ? Number(error.waitMs) : 100);
      }
    }
  }

  async #sendAndVanish({ name, payload }: Packet): Promise<void> {
    const socket = await this.#online();
    socket.emit(name, payload);
    await sleep(this.#options.random.int(0, 25));
    this.#vanish();
  }
}

function packetOf(deed: Deed, client_id: string): Packet {
  const name = `message:${deed.kind}`;
  if (deed.kind === 'send') {
    const { content, conversationId } = deed;
    const place = conversationId === null ? {} : { conversation_id: conversationId };
    return { name, payload: { client_id, content, ...place, ...sendFields(deed.how) } };
  }
  const { kind, messageId: message_id } = deed;
  if (kind === 'select' || kind === 'delete') return { name, payload: { message_id } };
  const text = kind === 'edit' ? { content: deed.content } : {};
  return { name, payload: { client_id, message_id, ...text } };
}

const hasTerminate = (value: unknown): value is { terminate(): void } =>
  typeof value === 'object' && value !== null && 'terminate' in value;
