import { io, type Socket } from 'socket.io-client';
import { type Account, registerAt } from '../lab/people/rest.js';
import { OWN_ID } from './arbitraries.js';

/** No event may take as long. */
const ACK_MS = 30_000;
/** Ids of each kind that an actor remembers as its own. */
const REMEMBERED = 40;

function connect(url: string, { token }: Account): Promise<Socket> {
  const socket = io(url, {
    auth: { token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('server:hello', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

/** A user with an account and a socket, who gets new ones if the inputs have ended the old ones. */
export class Actor {
  readonly url: string;
  readonly #admit: (account: Account) => Promise<void>;
  #name: () => string;
  #account: Account;
  #socket: Socket;
  #ids = noIds();
  #renewing: Promise<void> | null = null;

  private constructor(
    url: string,
    name: () => string,
    admit: (account: Account) => Promise<void>,
    account: Account,
    socket: Socket,
  ) {
    this.url = url;
    this.#name = name;
    this.#admit = admit;
    this.#account = account;
    this.#socket = socket;
  }

  /** `admit` may give roles to the account. */
  static async arrive(
    url: string,
    name: () => string,
    admit: (account: Account) => Promise<void>,
  ): Promise<Actor> {
    const account = await registerAt(url, name());
    await admit(account);
    return new Actor(url, name, admit, account, await connect(url, account));
  }

  get account(): Account {
    return this.#account;
  }

  /** Returns the ack; null if the socket was closed before it came. */
  async emit(name: string, payload: unknown): Promise<unknown> {
    const socket = this.#socket;
    try {
      return await socket.timeout(ACK_MS).emitWithAck(name, payload);
    } catch (error) {
      if (socket.connected) throw error;
      return null;
    }
  }

  /** Replaces placeholders by ids of the actor's own, of the kind that `key` names if it is known. */
  own(value: unknown, key = ''): unknown {
    if (typeof value === 'number') return this.#ownId(value, key);
    if (Array.isArray(value)) return value.map((part) => this.own(part, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [
        name,
        this.own(part, name === 'id' ? key : name),
      ]),
    );
  }

  /** Keeps the ids of a response. */
  remember(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null) return;
    const { id } = answer as { id?: unknown };
    if (typeof id === 'number') {
      const kind =
        'parent_id' in answer
          ? 'messages'
          : 'active_message_id' in answer
            ? 'conversations'
            : 'others';
      this.#ids[kind].unshift(id);
      this.#ids[kind].splice(REMEMBERED);
    }
    for (const part of Object.values(answer)) this.remember(part);
  }

  /** Resolves when the actor has a live session and socket, the existing ones or new ones. */
  renew(): Promise<void> {
    if (this.#socket.connected) return Promise.resolve();
    this.#renewing ??= this.#arriveAgain().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** The session has ended: the socket is closed, or will be. */
  leave(): void {
    this.#socket.close();
  }

  async #arriveAgain(): Promise<void> {
    this.#socket.close();
    this.#account = await registerAt(this.url, this.#name());
    await this.#admit(this.#account);
    this.#socket = await connect(this.url, this.#account);
    this.#ids = noIds();
  }

  #ownId(value: number, key: string): number {
    if (value < OWN_ID.from || value > OWN_ID.to) return value;
    const { messages, conversations, others } = this.#ids;
    const all = [...messages, ...conversations, ...others];
    const ids = /message|parent/.test(key)
      ? messages
      : /conversation/.test(key)
        ? conversations
        : all;
    return ids[(value - OWN_ID.from) % Math.max(1, ids.length)] ?? 1;
  }
}

interface Ids {
  messages: number[];
  conversations: number[];
  others: number[];
}

const noIds = (): Ids => ({ messages: [], conversations: [], others: [] });
