import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!existsSync('node_modules')) {
  console.error('Dependencies are missing: run `npm ci` first.');
  process.exit(1);
}

const QUICK = [
  'test/{unit,conformance,integration,browser}/**/*.test.{ts,tsx}',
  'test/cluster/*.test.ts',
];
/** Side by side, because what they do most is wait: for leases, outages and drains. */
const FAULTS = ['--parallel', '--jobs', '3', 'test/cluster/faults/**/*.test.ts'];
const OPTIONS = ['--coverage', '--faults'];
const MOCHA = 'node_modules/mocha/bin/mocha.js';
const C8 = 'node_modules/c8/bin/c8.js';

function commandOf(args) {
  const [coverage, faults] = OPTIONS.map((option) => args.includes(option));
  const rest = args.filter((arg) => !OPTIONS.includes(arg));
  const all = faults ? FAULTS : QUICK;
  const specs = rest.some((arg) => /\.test\.tsx?$/.test(arg)) ? [] : all;
  const colors = process.stdout.isTTY ? ['--colors'] : [];
  const mocha = [MOCHA, ...colors, ...specs, ...rest];
  return coverage ? [C8, process.execPath, ...mocha] : mocha;
}

const count = (text, word) =>
  Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(text)?.[1] ?? 0);

/** Shows mocha's output as it comes and answers its exit code and its counts. */
async function run(args) {
  const child = spawn(process.execPath, commandOf(args), { stdio: ['inherit', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const text = stripVTControlCharacters(output);
  return { code: code ?? 1, passed: count(text, 'passing'), failed: count(text, 'failing') };
}

async function prepare() {
  const { ensureServices } = await import('./services.js');
  const { buildStale } = await import('./build.js');
  await ensureServices();
  await buildStale();
}

try {
  await prepare();
  const { code, passed, failed } = await run(process.argv.slice(2));
  const lost = code !== 0 && failed === 0 ? 1 : failed;
  console.log(`${passed} passed, ${lost} failed`);
  process.exitCode = code === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
