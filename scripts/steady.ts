import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** A user's other programs may keep as many processors busy. */
const LOOPS = Math.min(2, availableParallelism());
const EVERYTHING: string[][] = [[], ['--faults'], ['--benches']];

/** Occupies a processor until it is killed. */
const startLoop = () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });

async function run(args: readonly string[], seed: number) {
  const child = spawn(process.execPath, ['scripts/test.js', ...args], {
    env: { ...process.env, TEST_SEED: String(seed) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output: stripVTControlCharacters(output) };
}

/** Full titles as in the list at the end of a run: each level on a line, with a colon after the last. */
export function failuresOf(output: string): string[] {
  const list = output.slice(output.search(/^ +\d+ failing$/m));
  return [...list.matchAll(/^ {2}\d+\) (.+\n(?: {5,}.+\n)*?.*:)$/gm)].map(([, title = '']) =>
    title
      .replace(/:$/, '')
      .split('\n')
      .map((line) => line.trim())
      .join(' '),
  );
}

/** The failures of one round, and the file of its output. */
async function round(number: number, files: string[], seed: number): Promise<string[]> {
  const failed: string[] = [];
  for (const args of files.length > 0 ? [files] : EVERYTHING) {
    const { code, output } = await run(args, seed);
    if (code === 0) continue;
    const kind = args.find((arg) => arg.startsWith('--'))?.slice(2) ?? 'tests';
    const file = join(tmpdir(), `parley-steady-${process.pid}-${number}-${kind}.log`);
    await writeFile(file, output);
    const titles = failuresOf(output);
    failed.push(...(titles.length > 0 ? titles : [`the run ended with code ${code}`]));
    console.log(`  output: ${file}`);
  }
  return failed;
}

/** Resolves to whether nothing failed in any round. */
async function steady(rounds: number, files: string[]): Promise<boolean> {
  const loops = Array.from({ length: LOOPS }, startLoop);
  process.once('exit', () => {
    for (const loop of loops) loop.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const counts = new Map<string, number>();
  for (let number = 1; number <= rounds; number++) {
    const from = performance.now();
    const seed = randomInt(2 ** 31);
    const failed = await round(number, files, seed);
    const minutes = ((performance.now() - from) / 60_000).toFixed(1);
    console.log(
      `round ${number} of ${rounds}: ${failed.length} failed, ${minutes} min, TEST_SEED=${seed}`,
    );
    for (const title of failed) counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  for (const [title, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    console.log(`${count} of ${rounds}: ${title}`);
  }
  console.log(`${rounds} rounds beside ${LOOPS} busy loops: ${counts.size} tests failed`);
  return counts.size === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [times = '20', ...files] = process.argv.slice(2);
  const rounds = Number(times);
  if (!Number.isInteger(rounds) || rounds < 1) {
    console.error('Usage: npm run steady -- <rounds> [test files]');
    process.exit(1);
  }
  process.exit((await steady(rounds, files)) ? 0 : 1);
}
