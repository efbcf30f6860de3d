import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startUpstream, status } from '../lab/models/scripted-upstream.js';
import {
  type Behaviour,
  DONE,
  event,
  finishChunk,
  openEventStream,
  type RecordedRequest,
  roleChunk,
  textChunk,
  usageChunk,
} from '../lab/models/upstream-wire.js';
import { isReasoned, type Plan, planOf } from './plan.js';
import type { Random } from './random.js';
import { keyOf } from './texts.js';

/** One call to the model server. */
export interface Call {
  /** When it came, in ms since the load began. */
  at: number;
  plan: Plan;
  /** The end of the text that it was to continue; null if it was to begin. */
  kept: string | null;
  /** False while it is being told, and if the node disconnected before the end. */
  toldToTheEnd: boolean;
}

export interface Model {
  url: string;
  /** All calls so far by the question's key, in order. */
  calls: ReadonlyMap<string, readonly Call[]>;
  stop(): Promise<void>;
}

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

function refuse(code: number, { retryAfterMs }: Plan): Behaviour {
  const headers = retryAfterMs === null ? {} : { 'retry-after-ms': String(retryAfterMs) };
  return status(code, { headers });
}

/** Sends every second event in two packets, cut anywhere, even inside a character. */
function writeEvent(response: ServerResponse, text: string, index: number): void {
  const bytes = Buffer.from(text);
  const middle = index % 2 === 0 ? bytes.length : (index * 7) % bytes.length;
  response.write(bytes.subarray(0, middle));
  if (middle < bytes.length) response.write(bytes.subarray(middle));
}

function end(response: ServerResponse, { ending }: Plan): void {
  const reason = ending === 'whole' ? 'stop' : 'length';
  if (isReasoned(ending)) response.end(finishChunk(reason) + usageChunk(USAGE) + DONE);
  else if (ending === 'silent') response.end();
  else if (ending === 'error') response.end(event({ error: { message: 'scripted error' } }));
  else response.socket?.destroySoon();
}

async function tell(response: ServerResponse, call: Call): Promise<void> {
  const { plan } = call;
  openEventStream(response);
  response.write(roleChunk());
  for (const [index, { text, afterMs }] of plan.pieces.entries()) {
    if (afterMs > 0) await sleep(afterMs);
    if (response.destroyed) return;
    writeEvent(response, textChunk(text), index);
  }
  call.toldToTheEnd = true;
  end(response, plan);
}

/** The last message with a key is the question. An answer after it is to be continued. */
function askedOf({ body: { messages } }: RecordedRequest) {
  const at = messages.findLastIndex(({ role, content }) => role === 'user' && keyOf(content));
  const key = keyOf(messages[at]?.content ?? '') ?? 'no key';
  const after = messages[at + 1];
  return { key, kept: after?.role === 'assistant' ? after.content : null };
}

/** A model server whose answers derive from the seed and the question, so that every text is known in advance. */
export async function startModel(seeded: Random, since: () => number): Promise<Model> {
  const calls = new Map<string, Call[]>();
  const upstream = await startUpstream();
  upstream.otherwise((response, request) => {
    // The upstream keeps all requests, and a soak has many.
    upstream.requests.length = 0;
    const { key, kept } = askedOf(request);
    const before = calls.get(key) ?? [];
    const plan = planOf(seeded, key, before.length + 1);
    const call: Call = { at: since(), plan, kept, toldToTheEnd: false };
    calls.set(key, [...before, call]);
    if (typeof plan.ending !== 'number') return tell(response, call);
    call.toldToTheEnd = true;
    return refuse(plan.ending, plan)(response, request);
  });
  return { url: upstream.url, calls, stop: upstream.stop };
}
