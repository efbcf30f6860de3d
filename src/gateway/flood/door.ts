import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AddressBuckets, costOfRequest } from '../../domain/limits/address-buckets.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { isNewConnection } from '../connection/socket-request.js';
import type { FloodReport } from './flood-report.js';
import { Places } from './places.js';
import { putBefore } from './put-before.js';

/** What an address may ask for, and how quickly it gets what it may. */
export interface Allowance {
  budget: AddressBuckets;
  pace: AddressBuckets;
}

export interface DoorDeps {
  /** Who a request counts as. */
  addressOf(request: IncomingMessage): string;
  /** All requests of an address, those of polling included. */
  requests: Allowance;
  /** New connections. */
  connections: Allowance;
  /** Whether an address has as many connections as it may. */
  isFull(address: string): boolean;
  /** Answers a request that is not let in. */
  refuse(request: IncomingMessage, response: ServerResponse, waitMs: number): void;
  report: FloodReport;
  telemetry: Telemetry;
}

interface Visitor {
  request: IncomingMessage;
  /** What its answer is written to. */
  end: ServerResponse | Duplex;
  letIn(): void;
  /** `isLast`: the connection ends with it. */
  refuse(waitMs: number, isLast: boolean): void;
}

const FULL_RETRY_MS = 5_000;
/** Refusals of an address that are answered at once. Whoever goes on waits for each, and asks for less meanwhile. */
const PROMPT = { burst: 100, perSecond: 5 };
const HOLD_MS = 1_000;
/** Refusals that are held back; with more of them the connection is ended. */
const HELD = { ofAddress: 100, inAll: 1_000 };

/**
 * Stands before everything else. What an address asks for beyond its limits is refused before anything is read or logged;
 * what it may have, and asks for all at once, it gets bit by bit.
 */
export class Door {
  #deps: DoorDeps;
  #prompt = new AddressBuckets(PROMPT.perSecond, PROMPT.burst);
  #heldOf = new Places(HELD.ofAddress);
  #held = 0;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  /** Call it when everything that answers requests listens to the server. */
  guard(server: Server): void {
    putBefore(server, 'request', (letIn, request: IncomingMessage, response: ServerResponse) => {
      const refuse = (waitMs: number, isLast: boolean) => {
        if (isLast) response.setHeader('Connection', 'close');
        this.#deps.refuse(request, response, waitMs);
      };
      this.#judge({ request, end: response, letIn, refuse });
    });
    putBefore(server, 'upgrade', (letIn, request: IncomingMessage, socket: Duplex) => {
      const refuse = (waitMs: number) => refuseUpgrade(socket, waitMs);
      this.#judge({ request, end: socket, letIn, refuse });
    });
  }

  #judge(visitor: Visitor): void {
    const address = this.#deps.addressOf(visitor.request);
    const isNew = isNewConnection(visitor.request);
    const waitMs = this.#waitOf(visitor.request, address, isNew);
    if (waitMs > 0) this.#refuse(visitor, address, waitMs);
    else later(visitor.end, this.#paceOf(visitor.request, address, isNew), visitor.letIn);
  }

  #waitOf(request: IncomingMessage, address: string, isNew: boolean): number {
    const { requests, connections, isFull } = this.#deps;
    const waitMs = requests.budget.take(address, costOfRequest(request.headers));
    if (waitMs > 0 || !isNew) return waitMs;
    return isFull(address) ? FULL_RETRY_MS : connections.budget.take(address);
  }

  #paceOf(request: IncomingMessage, address: string, isNew: boolean): number {
    const { requests, connections } = this.#deps;
    const waitMs = requests.pace.reserve(address, costOfRequest(request.headers));
    return isNew ? Math.max(waitMs, connections.pace.reserve(address, 1)) : waitMs;
  }

  #refuse({ end, refuse }: Visitor, address: string, waitMs: number): void {
    this.#deps.report.note(address);
    this.#deps.telemetry.limited({ limit: 'address' });
    if (this.#prompt.take(address) === 0) {
      refuse(waitMs, false);
      return;
    }
    const release = this.#held < HELD.inAll ? this.#heldOf.take(address) : null;
    if (!release) {
      refuse(waitMs, true);
      return;
    }
    this.#held += 1;
    end.once('close', () => {
      this.#held -= 1;
      release();
    });
    later(end, HOLD_MS, () => refuse(waitMs, false));
  }
}

/** Behind an upgrade there is no response. */
function refuseUpgrade(socket: Duplex, waitMs: number): void {
  const seconds = Math.ceil(waitMs / 1_000);
  socket.on('error', ignore);
  socket.end(
    `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${seconds}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

/** Nobody else hears of errors of a connection that is being upgraded, and an error that nobody hears of ends the node. */
function ignore(): void {}

/** Does it after so many ms, at once if there are none, and not at all when the connection has ended by then. */
function later(connection: EventEmitter, ms: number, work: () => void): void {
  if (ms <= 0) {
    work();
    return;
  }
  // An error that nobody hears of would end the node.
  const ignore = () => {};
  const stop = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    connection.off('error', ignore).off('close', stop);
    work();
  }, ms).unref();
  connection.on('error', ignore).once('close', stop);
}
