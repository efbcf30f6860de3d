import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';

const MAX_ERROR_BYTES = 65_536;
const MAX_ERROR_CHARS = 2_000;

/** undici under the SDK: its bodies are read by 'data' events, which costs half of what web streams do. */
export interface Transport {
  fetch: typeof globalThis.fetch;
  /** The unread body of a positive response that `fetch` gave. */
  body(response: Response): Readable | undefined;
  stop(): Promise<void>;
}

/** Time-outs after the connection stands are the caller's, by the signal. Redirects are not followed. */
export function createTransport(connectTimeoutMs: number): Transport {
  const agent = new Agent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const bodies = new WeakMap<Response, Readable>();

  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const answer = await request(String(input), {
      dispatcher: agent,
      method: 'POST',
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : null,
      signal: init.signal ?? null,
    });
    // An abort before anybody reads must not become an uncaught 'error'.
    answer.body.on('error', () => {});
    const status = answer.statusCode;
    const headers = singleHeaders(answer.headers);
    if (status >= 300) return errorResponse(answer.body, status, headers);
    const response = new Response(null, { status, headers });
    bodies.set(response, answer.body);
    return response;
  };

  return {
    fetch,
    body: (response) => bodies.get(response),
    stop: () => agent.destroy(),
  };
}

function singleHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = String(value);
  }
  return single;
}

async function errorResponse(body: Readable, status: number, headers: Record<string, string>) {
  const text = await readStart(body);
  return new Response(text === '' ? null : openAIShaped(text), { status, headers });
}

async function readStart(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The SDK keeps an error's text only when it comes as `{"error": …}`; servers differ. */
function openAIShaped(text: string): string {
  try {
    if (JSON.parse(text)?.error) return text;
  } catch {
    // Not JSON: wrapped like any other text.
  }
  return JSON.stringify({ error: { message: text.slice(0, MAX_ERROR_CHARS) } });
}
