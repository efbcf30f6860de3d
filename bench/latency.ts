import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { OpenAI } from 'openai';
import { startProduct } from '../lab/nodes/process.js';
import { type Device, openDevice } from '../lab/people/device.js';
import { withKey } from '../lab/people/keys.js';
import { registerAt } from '../lab/people/rest.js';
import { quantile } from '../lab/quantile.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { type Results, repeatsOf, rowOf } from './results.js';
import { startScript } from './support/script.js';

const SECRETS = {
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
};

const now = () => performance.timeOrigin + performance.now();
/** The upstream's first token contains the time at which it was written. */
const age = (text: string) => now() - Number(text.split(' ')[0]);

/** Times of one question, in ms. */
interface Sample {
  /** Time from the model server's first token to the reader. */
  first: number;
  /** Time until the acknowledgement; NaN if there is none. */
  ack: number;
}

async function readWith(client: OpenAI, model: string): Promise<Sample> {
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'q' }],
  });
  let first = Number.NaN;
  for await (const part of stream) {
    const text = part.choices[0]?.delta.content;
    if (text && Number.isNaN(first)) first = age(text);
  }
  return { first, ack: Number.NaN };
}

/** Questions go to one device after another. */
async function readThrough(devices: readonly Device[], question: number): Promise<Sample> {
  const device = devices[question % devices.length];
  if (!device) throw new Error('no device');
  const asked = now();
  const sent = await device.ask('message:send', { client_id: randomUUID(), content: 'q' });
  const ack = now() - asked;
  const id = sent.assistant_message.id;
  const [delta] = await Promise.all([
    device.until('message:delta', (d) => d.message_id === id).then(({ text }) => age(text)),
    device.ended(id),
  ]);
  return { first: delta, ack };
}

/** The timing of a round's questions. */
interface Pace {
  count: number;
  /** Time between questions in ms; 0: all at once. */
  everyMs: number;
  /** This many first questions do not count. */
  skip: number;
}

/** `read` gets the number of the question. */
async function ask(
  { count, everyMs, skip }: Pace,
  read: (question: number) => Promise<Sample>,
): Promise<Sample[]> {
  const began = now();
  const running: Promise<Sample>[] = [];
  for (let i = 0; i < count; i++) {
    if (everyMs > 0) await setTimeout(Math.max(0, began + i * everyMs - now()));
    running.push(read(i));
  }
  return (await Promise.all(running)).slice(skip);
}

interface Round {
  direct: Sample[];
  through: Sample[];
  /** Answers of the endpoint for programs, read by the same SDK. */
  v1: Sample[];
}

/** The time that the product adds to the first text, and the time of an ack, with one row per quantile. */
function rowsOf(rounds: readonly Round[]) {
  const of = (samples: readonly Sample[], key: keyof Sample, q: number) =>
    quantile(
      samples.map((sample) => sample[key]),
      q,
    );
  const rows = (name: string, value: (round: Round, q: number) => number) => ({
    [`${name}-p50`]: rowOf(rounds.map((round) => value(round, 0.5))),
    [`${name}-p99`]: rowOf(rounds.map((round) => value(round, 0.99))),
  });
  const added = (way: 'through' | 'v1') => (round: Round, q: number) =>
    of(round[way], 'first', q) - of(round.direct, 'first', q);
  return {
    added: { ...rows('ours-memory', added('through')), ...rows('ours-v1', added('v1')) },
    ack: rows('ours-memory', ({ through }, q) => of(through, 'ack', q)),
  };
}

const TOKEN_MS = 20;
const MODEL = 'bench';

/**
 * Time from the upstream's first token to the reader, compared with a direct read with the SDK, and from
 * `message:send` to its ack. Measured while many answers run that began one after another, and when all are requested
 * at once.
 */
export async function latency(small: boolean): Promise<Results> {
  const [streams, tokens] = small ? [3, 10] : [100, 100];
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startScript('bench/support/upstream.ts', { BENCH_TOKENS: String(tokens) }),
  ]);
  const product = await startProduct({
    ...SECRETS,
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: `${upstream.url}/v1`,
    OPENAI_MODEL: MODEL,
    LIMIT_SCALE: '0',
  });
  const client = new OpenAI({ apiKey: 'none', baseURL: `${upstream.url}/v1` });
  const { token } = await withKey(product.url, await registerAt(product.url, 'program'), ['chat']);
  const program = new OpenAI({ apiKey: token, baseURL: `${product.url}/v1` });
  const openDevices = (name: string) =>
    Promise.all(
      Array.from({ length: streams }, async (_, i) => {
        const account = await registerAt(product.url, `${name}${i}`);
        return openDevice(product.url, { token: account.token });
      }),
    );
  const measure = async (name: string, pace: Pace) => {
    const devices = await openDevices(name);
    const through = (question: number) => readThrough(devices, question);
    const rounds: Round[] = [];
    for (let i = 0; i <= repeatsOf(small); i++) {
      const direct = await ask(pace, () => readWith(client, MODEL));
      const v1 = await ask(pace, () => readWith(program, MODEL));
      rounds.push({ direct, v1, through: await ask(pace, through) });
    }
    for (const device of devices) device.close();
    // The first round warms up.
    return rowsOf(rounds.slice(1));
  };
  try {
    const everyMs = (tokens * TOKEN_MS) / streams;
    const running = await measure('steady', { count: 2 * streams, everyMs, skip: streams });
    const burst = await measure('burst', { count: streams, everyMs: 0, skip: 0 });
    const added = 'ms over a direct SDK read';
    const acked = 'ms from message:send to ack';
    return {
      'latency-added': { unit: `${added}, ${streams} streams`, rows: running.added },
      'latency-ack': { unit: `${acked}, ${streams} streams`, rows: running.ack },
      'latency-added-at-once': { unit: `${added}, ${streams} at once`, rows: burst.added },
      'latency-ack-at-once': { unit: `${acked}, ${streams} at once`, rows: burst.ack },
    };
  } finally {
    await product.stop();
    await upstream.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
