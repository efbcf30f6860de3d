import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importEnd } from '../lab/people/import-call.js';
import { registerAt } from '../lab/people/rest.js';
import { createTestDatabase, stopTestPostgres } from '../lab/stores/database.js';
import { type Results, rowOf } from './results.js';
import { buildProduct } from './support/build.js';
import { startMeasured } from './support/script.js';
import { nodeEnv, PINNED } from './support/subjects.js';

const MB = 1_000_000;
/** A real export has about 700 kB a conversation, too. */
const MESSAGES_EACH = 170;
const WORDS = 'the node keeps what it was asked to keep until somebody has read all of it '.split(
  ' ',
);

/** Text that packs about as well as people's own. */
function* prose(seed: number): Generator<string> {
  for (let state = seed; ; ) {
    const words: string[] = [];
    for (let i = 0; i < 700; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      words.push(`${WORDS[state % WORDS.length]}${state % 7 === 0 ? state.toString(36) : ''}`);
    }
    yield words.join(' ');
  }
}

function conversation(id: number): string {
  const mapping: Record<string, object> = {};
  const texts = prose(id + 1);
  for (let n = 0; n < MESSAGES_EACH; n++) {
    const role = n % 2 === 0 ? 'user' : 'assistant';
    const parts = [texts.next().value];
    const message = {
      author: { role },
      create_time: 1_700_000_000 + n,
      content: { content_type: 'text', parts },
    };
    const children = n + 1 < MESSAGES_EACH ? [`n${n + 1}`] : [];
    mapping[`n${n}`] = { id: `n${n}`, parent: n === 0 ? null : `n${n - 1}`, children, message };
  }
  return JSON.stringify({ id: `c${id}`, title: `talk ${id}`, mapping });
}

async function writeFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  await file.write('[');
  for (let id = 0, written = 0; written < bytes; id++) {
    const text = `${id === 0 ? '' : ','}${conversation(id)}`;
    written += text.length;
    await file.write(text);
  }
  await file.write(']');
  await file.close();
}

async function send(url: string, token: string, path: string): Promise<number> {
  const { size } = await stat(path);
  const headers = { authorization: `Bearer ${token}`, 'content-length': size };
  const sending = request(`${url}/agent/imports`, { method: 'POST', headers });
  createReadStream(path).pipe(sending);
  const text = await new Promise<string>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve(body);
    });
  });
  return JSON.parse(text).id;
}

/**
 * The cost of one file for a node that does nothing else: its highest memory, its time, and how late its timers were.
 */
async function importOnce(bytes: number) {
  const database = await createTestDatabase();
  const node = await startMeasured(
    'dist/index.js',
    nodeEnv(database.url, 'http://127.0.0.1:1'),
    PINNED,
  );
  const path = join(tmpdir(), `parley-bench-${process.pid}-${bytes}.json`);
  try {
    const [account] = await Promise.all([registerAt(node.url, 'ada'), writeFile(path, bytes)]);
    await node.usage();
    const began = performance.now();
    const report = await importEnd(node.url, account, await send(node.url, account.token, path));
    if (report.status !== 'done') throw new Error(JSON.stringify(report));
    const { peak = 0, lateMs = 0 } = await node.usage();
    return { peak: peak / MB, seconds: (performance.now() - began) / 1_000, lateMs };
  } finally {
    await node.stop();
    await rm(path, { force: true });
    await database.drop();
  }
}

/** A file of 5 MB, and one of 500: the second may take longer, but not more memory. */
export async function imports(small: boolean): Promise<Results> {
  await buildProduct();
  const sizes = small ? [1, 2] : [5, 500];
  const rows: [string, Awaited<ReturnType<typeof importOnce>>][] = [];
  try {
    for (const size of sizes) rows.push([`ours-memory@${size}`, await importOnce(size * MB)]);
  } finally {
    await stopTestPostgres();
  }
  const table = (of: 'peak' | 'seconds' | 'lateMs') =>
    Object.fromEntries(rows.map(([name, row]) => [name, rowOf([row[of]])]));
  return {
    'imports-memory': { unit: 'MB of memory at its highest', rows: table('peak') },
    'imports-time': { unit: 's', rows: table('seconds') },
    'imports-late': { unit: 'ms that timers were late, p99', rows: table('lateMs') },
  };
}
