import { setMaxListeners } from 'node:events';
import { Agent, buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { FlushTimes } from '../../../ports/completion-provider.js';
import { type Connection, Exchange } from './exchange.js';
import { InterimHeads } from './interim-heads.js';
import { ONE_READ, Valve } from './valve.js';

const MAX_ERROR_BYTES = 65_536;
const MAX_ERROR_CHARS = 2_000;

/** undici below the SDK: callbacks deliver the body, at half the cost of web streams. */
export interface Transport {
  fetch: typeof globalThis.fetch;
  /** The unread body of a positive response that `fetch` gave. */
  body(response: Response): Exchange | undefined;
  stop(): Promise<void>;
}

/** The caller's signal handles time-outs after the connection is made. Redirects are not followed. */
export function createTransport(connectTimeoutMs: number, times: FlushTimes): Transport {
  const closing = new AbortController();
  // One client per connection, as many as there are answers.
  setMaxListeners(0, closing.signal);
  const agent = createAgent({ connectTimeoutMs, times, signal: closing.signal });
  const bodies = new WeakMap<Response, Exchange>();

  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const { origin, pathname, search } = new URL(String(input));
    const exchange = new Exchange(init.signal ?? null);
    const options: Options = {
      exchange,
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      // Compression would make tokens wait for each other, at both ends.
      headers: { ...Object.fromEntries(new Headers(init.headers)), 'accept-encoding': 'identity' },
      body: typeof init.body === 'string' ? init.body : null,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    agent.dispatch(options, exchange);
    const { status, headers } = await exchange.head;
    if (status >= 300) return errorResponse(exchange, status, headers);
    const response = new Response(null, { status, headers });
    bodies.set(response, exchange);
    return response;
  };

  return {
    fetch,
    body: (response) => bodies.get(response),
    async stop() {
      await agent.destroy();
      // undici does not track connections that are still being made.
      closing.abort();
    },
  };
}

interface Options extends Dispatcher.DispatchOptions {
  exchange: Exchange;
}

/** An undici client has one connection, with one exchange at a time. */
class MeteredClient extends Client {
  readonly #connection: Connection;

  constructor(
    origin: URL,
    options: object,
    connect: buildConnector.connector,
    connection: Connection,
  ) {
    super(origin, {
      ...options,
      connect: (target, callback) =>
        connect(target, (...[error, socket]) => {
          if (error) return callback(error, null);
          connection.valve.fit(socket);
          connection.heads.fit(socket);
          callback(null, socket);
        }),
    });
    this.#connection = connection;
  }

  override dispatch(options: Options, handler: Dispatcher.DispatchHandler): boolean {
    options.exchange.through(this.#connection);
    return super.dispatch(options, handler);
  }
}

interface AgentOptions {
  connectTimeoutMs: number;
  times: FlushTimes;
  /** Ends all connections. */
  signal: AbortSignal;
}

function createAgent({ connectTimeoutMs, times, signal }: AgentOptions): Agent {
  const connect = buildConnector({ timeout: connectTimeoutMs, signal, ...ONE_READ });
  const createClient = (origin: URL, options: object) =>
    new MeteredClient(origin, options, connect, {
      valve: new Valve(times),
      heads: new InterimHeads(),
    });
  return new Agent({
    factory: (origin, options) => new Pool(origin, { ...options, factory: createClient }),
  });
}

async function errorResponse(body: Exchange, status: number, headers: Record<string, string>) {
  const text = await readStart(body);
  return new Response(text === '' ? null : openAIShaped(text), { status, headers });
}

function readStart(body: Exchange): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const end = () => resolve(Buffer.concat(parts).toString('utf8'));
    const onData = (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes <= MAX_ERROR_BYTES) return;
      body.destroy();
      end();
    };
    body.read({ onData, onEnd: end, onError: reject });
  });
}

/** The SDK keeps an error's text only in the form `{"error": …}`, which not all servers use. */
function openAIShaped(text: string): string {
  try {
    if (JSON.parse(text)?.error) return text;
  } catch {
    // A body that is not JSON is wrapped like any other text.
  }
  return JSON.stringify({ error: { message: text.slice(0, MAX_ERROR_CHARS) } });
}
