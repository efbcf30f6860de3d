import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { LIMITS } from '../../contract/limits.js';
import { KeyedBuckets } from '../../domain/limits/keyed-buckets.js';
import { Shares } from '../../domain/limits/shares.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { endWith, ignoreErrors } from '../connection/last-response.js';
import { putBefore } from '../connection/put-before.js';
import { isNewConnection } from '../connection/socket-request.js';
import type { FloodReport } from './flood-report.js';

/** The budget of an address, and the pace at which it may use it. */
export interface Allowance {
  budget: KeyedBuckets;
  pace: KeyedBuckets;
}

export interface DoorDeps {
  /** The address that a request counts for. */
  addressOf(request: IncomingMessage): string;
  /** All requests of an address, including those of polling. */
  requests: Allowance;
  /** New connections of an address. */
  connections: Allowance;
  /** Whether an address has reached its number of connections. */
  isFull(address: string): boolean;
  /** Responds to a request that is not let in. */
  refuse(request: IncomingMessage, response: ServerResponse, waitMs: number): void;
  report: FloodReport;
  telemetry: Telemetry;
}

interface Visitor {
  request: IncomingMessage;
  /** The response, or the connection of an upgrade request. */
  end: ServerResponse | Duplex;
  letIn(): void;
  /** `isLast`: the refusal ends the connection. */
  refuse(waitMs: number, isLast: boolean): void;
}

const FULL_RETRY_MS = 5_000;
/**
 * Refusals per address that are sent at once. Later ones are delayed, which slows down a client that waits for each.
 */
const PROMPT = { burst: 100, perSecond: 5 };
const HOLD_MS = 1_000;
/** Refusals that may be delayed at a time, by address. Beyond that the connection is closed. */
const HELD = { perKey: 100, total: 1_000 };

/** Bytes of a body that cost as much as a request. */
const BYTES_PER_COST = 2_048;

/**
 * Runs before everything else. A request beyond the limits of its address is refused before anything is read or
 * logged. A burst within the limits is let in at a bounded pace.
 */
export class Door {
  #deps: DoorDeps;
  #prompt = new KeyedBuckets(PROMPT.perSecond, PROMPT.burst);
  #held = new Shares<string>(HELD);

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  /** Call it after every listener that serves requests has been added to the server. */
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
    const release = this.#held.take(address);
    if (!release) {
      refuse(waitMs, true);
      return;
    }
    end.once('close', release);
    later(end, HOLD_MS, () => refuse(waitMs, false));
  }
}

/** An upgrade request has no response. */
function refuseUpgrade(socket: Duplex, waitMs: number): void {
  const seconds = Math.ceil(waitMs / 1_000);
  endWith(
    socket,
    `HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${seconds}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}

/** Runs `work` after `ms` milliseconds, at once if that is not positive, and never if the connection ends before. */
function later(connection: ServerResponse | Duplex, ms: number, work: () => void): void {
  if (ms <= 0) {
    work();
    return;
  }
  const stopIgnoring = ignoreErrors(connection);
  const stop = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    stopIgnoring();
    connection.off('close', stop);
    work();
  }, ms).unref();
  connection.once('close', stop);
}

/** Reading a large body is most of the work of a refused request. A body of unknown length counts as the largest. */
function costOfRequest(headers: IncomingHttpHeaders): number {
  const unknown = headers['transfer-encoding'] === undefined ? 0 : LIMITS.payloadBytes;
  const bytes = Number(headers['content-length'] ?? unknown) || 0;
  return 1 + Math.min(bytes, LIMITS.payloadBytes) / BYTES_PER_COST;
}
