import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SoakNode } from './node.js';

const run = promisify(execFile);
const ERROR = 50;

/** Resident memory of each node's current process, in MB, and its age in seconds. */
export interface Memory {
  node: string;
  mb: number;
  ageS: number;
}

async function residentMb(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return Math.round((Number(stdout) || Number.NaN) / 1024);
}

export async function memoryOf(nodes: readonly SoakNode[]): Promise<Memory[]> {
  return Promise.all(
    nodes.map(async ({ name, lives }) => {
      const { product, since } = lives.at(-1) ?? {};
      const ageS = Math.round((performance.now() - (since ?? performance.now())) / 1000);
      return { node: name, mb: await residentMb(product?.pid ?? 0), ageS };
    }),
  );
}

/** Log lines that report a defect, by their text. */
export function defectsLogged(nodes: readonly SoakNode[]): Map<string, Record<string, unknown>[]> {
  const found = new Map<string, Record<string, unknown>[]>();
  for (const line of nodes.flatMap(({ lives }) => lives.flatMap(({ product }) => product.logs))) {
    const text = String(line.msg);
    if (Number(line.level) < ERROR && !/unhandled/i.test(text)) continue;
    found.set(text, [...(found.get(text) ?? []), line]);
  }
  return found;
}

/** Writes all log lines of the nodes, one file per life. Returns the directory. */
export async function keepLogs(nodes: readonly SoakNode[], extra: object): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-soak-log-'));
  await mkdir(dir, { recursive: true });
  for (const { name, lives } of nodes) {
    for (const [index, { product }] of lives.entries()) {
      const lines = product.logs.map((line) => JSON.stringify(line)).join('\n');
      await writeFile(join(dir, `${name}-${index + 1}.log`), lines);
    }
  }
  await writeFile(join(dir, 'ledger.json'), JSON.stringify(extra, null, 2));
  return dir;
}
