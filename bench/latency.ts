import { OpenAI } from 'openai';
import { createTestDatabase, stopTestPostgres } from '../test/support/database.js';
import { type Device, openDevice } from '../test/support/device.js';
import { startProduct } from '../test/support/process.js';
import { registerAt } from '../test/support/rest.js';
import { quantile, type Results, repeatsOf, rowOf } from './results.js';
import { startScript } from './support/script.js';

const SECRETS = {
  SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-1',
  REFRESH_SECRET_KEY: 'a-secret-for-benches-that-is-long-enough-2',
};

const now = () => performance.timeOrigin + performance.now();
/** The upstream's first token says when it was written. */
const age = (text: string) => now() - Number(text.split(' ')[0]);

interface Sample {
  first: number[];
  ack: number[];
}

async function readDirectly(url: string, streams: number): Promise<number[]> {
  const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1` });
  const one = async () => {
    const stream = await client.chat.completions.create({
      model: 'bench',
      stream: true,
      messages: [{ role: 'user', content: 'q' }],
    });
    let first = Number.NaN;
    for await (const part of stream) {
      const text = part.choices[0]?.delta.content;
      if (text && Number.isNaN(first)) first = age(text);
    }
    return first;
  };
  return Promise.all(Array.from({ length: streams }, one));
}

async function readThrough(device: Device, round: string): Promise<{ first: number; ack: number }> {
  const asked = now();
  const sent = await device.ask('message:send', { client_id: `bench-${round}`, content: 'q' });
  const ack = now() - asked;
  const id = sent.assistant_message.id;
  const [delta] = await Promise.all([
    device.until('message:delta', (d) => d.message_id === id).then(({ text }) => age(text)),
    device.ended(id),
  ]);
  return { first: delta, ack };
}

async function measure(devices: Device[], upstream: string, round: number) {
  const direct = await readDirectly(upstream, devices.length);
  const through = await Promise.all(
    devices.map((device, i) => readThrough(device, `${round}-${i}`)),
  );
  const sample: Sample = { first: through.map((t) => t.first), ack: through.map((t) => t.ack) };
  return { direct, ...sample };
}

/** Time from the upstream's first token to the reader, ours over a direct read with the SDK; and `message:send` -> ack. */
export async function latency(small: boolean): Promise<Results> {
  const streams = small ? 3 : 100;
  const [database, upstream] = await Promise.all([
    createTestDatabase(),
    startScript('bench/support/upstream.ts', { BENCH_TOKENS: small ? '10' : '100' }),
  ]);
  const product = await startProduct({
    ...SECRETS,
    DATABASE_URL: database.url,
    OPENAI_BASE_URL: `${upstream.url}/v1`,
    LIMIT_SCALE: '0',
  });
  try {
    const devices = await Promise.all(
      Array.from({ length: streams }, async (_, i) => {
        const account = await registerAt(product.url, `bench${i}`);
        return openDevice(product.url, { token: account.token });
      }),
    );
    await measure(devices, upstream.url, 0);
    const rounds: Awaited<ReturnType<typeof measure>>[] = [];
    for (let i = 1; i <= repeatsOf(small); i++)
      rounds.push(await measure(devices, upstream.url, i));
    for (const device of devices) device.close();
    const added = (q: number) =>
      rowOf(rounds.map((r) => quantile(r.first, q) - quantile(r.direct, q)));
    const ack = (q: number) => rowOf(rounds.map((r) => quantile(r.ack, q)));
    return {
      'latency-added': {
        unit: `ms over a direct SDK read, ${streams} streams`,
        rows: { 'ours-memory-p50': added(0.5), 'ours-memory-p99': added(0.99) },
      },
      'latency-ack': {
        unit: `ms from message:send to ack, ${streams} at once`,
        rows: { 'ours-memory-p50': ack(0.5), 'ours-memory-p99': ack(0.99) },
      },
    };
  } finally {
    await product.stop();
    await upstream.stop();
    await database.drop();
    await stopTestPostgres();
  }
}
