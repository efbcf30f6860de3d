import { Pool } from 'undici';
import type { Described } from '../lab/people/described.js';
import type { Actor } from './actor.js';
import type { Input, RestInput } from './inputs.js';
import { judgeAck, judgeAnswer } from './judge.js';
import { sendBytes, sendFrames, sendPolling } from './raw.js';

const CONNECTIONS = 16;
/** Responses that end the caller's session, or report its end. */
const ENDED = /"code":"(session_revoked|account_disabled|token_invalid|unauthenticated)"/;
const ENDING = new Set(['DELETE /users/me', 'POST /auth/logout']);

type Json = Record<string, unknown>;

/** Sends inputs as one actor, and reports faults of the replies. */
export class Sender {
  /** How often each event was accepted. */
  readonly accepted = new Map<string, number>();
  #pool: Pool;
  #url: string;
  #references: Described;

  constructor(url: string, references: Described) {
    this.#url = url;
    this.#references = references;
    this.#pool = new Pool(url, { connections: CONNECTIONS });
  }

  async send(input: Input, actor: Actor): Promise<string | null> {
    await actor.renew();
    if (input.kind === 'event') return this.#event(input, actor);
    if (input.kind === 'rest') return this.#restOrCut(input, actor);
    if (input.kind === 'tcp') return this.#tcp(input.bytes);
    return this.#frames(input, actor);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #event({ name, payload, schema }: Input & { kind: 'event' }, actor: Actor) {
    const sent = actor.own(payload);
    const ack = await actor.emit(name, sent);
    if (ack === null) return null;
    const { ok, data } = Object(ack);
    if (ok === true) this.accepted.set(name, (this.accepted.get(name) ?? 0) + 1);
    actor.remember(data);
    return judgeAck(name, schema, overWire(sent), ack, this.#references);
  }

  /** A download is cut off when its session ends, which another input of this actor may cause. */
  async #restOrCut(input: RestInput, actor: Actor): Promise<string | null> {
    const { token } = actor.account;
    try {
      return await this.#rest(input, actor);
    } catch (error) {
      if (input.route.path !== '/users/me/export' || !(await this.#isOver(token))) throw error;
      return null;
    }
  }

  async #isOver(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` };
    const { statusCode, body } = await this.#pool.request({
      method: 'GET',
      path: '/users/me',
      headers,
    });
    await body.dump();
    return statusCode === 401 || statusCode === 403;
  }

  async #rest(input: RestInput, actor: Actor): Promise<string | null> {
    const { route, loggedIn, contentType } = input;
    const name = `${route.method} ${route.path}`;
    const params = actor.own(input.params, route.path);
    const query = actor.own(input.query);
    const body = ownBody(input.body, actor);
    const response = await this.#pool.request({
      method: route.method,
      path: fill(route.path, params, query),
      headers: {
        ...(loggedIn && { authorization: `Bearer ${actor.account.token}` }),
        ...(body !== undefined && contentType !== '' && { 'content-type': contentType }),
      },
      body: body ?? null,
    });
    const { statusCode: status } = response;
    const text = await response.body.text();
    actor.remember(parsed(text));
    const ended = ENDED.test(text) || (status < 300 && ENDING.has(name));
    if (loggedIn && ended) actor.leave();
    const reply = { status, contentType: String(response.headers['content-type'] ?? ''), text };
    return judgeAnswer(name, mustRefuse(input, body), reply, this.#references);
  }

  async #frames({ frames, loggedIn, polling }: Input & { kind: 'frames' }, actor: Actor) {
    if (!polling) {
      await sendFrames(this.#url, frames, loggedIn ? actor.account.token : undefined);
      return null;
    }
    const status = await sendPolling(this.#url, frames);
    return status < 500 ? null : `polling answered ${status}`;
  }

  async #tcp(bytes: string): Promise<string | null> {
    const text = await sendBytes(this.#url, bytes);
    const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
    return Number(status) < 500 ? null : text.slice(0, 200);
  }
}

/** The value as the other side reads it. */
const overWire = (value: unknown): unknown =>
  value === undefined ? null : JSON.parse(JSON.stringify(value));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ownBody(body: string | undefined, actor: Actor): string | undefined {
  try {
    return body === undefined ? body : JSON.stringify(actor.own(JSON.parse(body)));
  } catch {
    return body;
  }
}

/** Only certain cases count: damaged JSON, and a body that the schema refuses. */
function mustRefuse({ route, contentType }: RestInput, body: string | undefined): boolean {
  const schema = route.shape?.body;
  if (!schema || body === undefined || contentType !== 'application/json' || body === '')
    return false;
  try {
    return schema.validate(JSON.parse(body)).error !== undefined;
  } catch {
    return true;
  }
}

/** Any text may be a segment of the path, except one that changes the path. */
function segment(value: unknown): string {
  const text = encode(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  return /^\.{0,2}$/.test(text) ? '%2E' : text;
}

function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text.slice(0, 500)).toString());
}

function fill(path: string, params: unknown, query: unknown): string {
  const filled = path.replace(/:(\w+)/g, (_, key) => segment(Object(params)[key]));
  const pairs = Object.entries(Object(query) as Json);
  const search = pairs.map(
    ([key, value]) => `${encode(key)}=${encode(String(JSON.stringify(value) ?? ''))}`,
  );
  return search.length === 0 ? filled : `${filled}?${search.join('&')}`;
}
