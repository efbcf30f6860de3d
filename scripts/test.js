import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { openProfile, profileTable } from './profile.js';
import { planOf } from './test-plan.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!existsSync('node_modules')) {
  console.error('Dependencies are missing: run `npm ci` first.');
  process.exit(1);
}

/** Tests only check that benches work, so nothing needs a processor to itself. */
process.env.BENCH_UNPINNED ??= '1';
const MOCHA = 'node_modules/mocha/bin/mocha.js';
const C8 = 'node_modules/c8/bin/c8.js';

/** The coverage that Node writes of each process, in the directory where c8 looks for it. */
const COVERED = join('coverage', 'tmp');
/** The coverage that browsers write of the page. */
const PAGES_COVERED = join('coverage', 'pages');

function commandOf(args) {
  const colors = process.stdout.isTTY ? ['--colors'] : [];
  return [MOCHA, ...colors, ...args];
}

const count = (text, word) =>
  Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(text)?.[1] ?? 0);

/** Shows mocha's output as it comes, and returns its counts. A bad exit without a failed test counts as a failure. */
async function run(command, variables) {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, command, { env, stdio: ['inherit', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const text = stripVTControlCharacters(output);
  const failed = count(text, 'failing');
  return { passed: count(text, 'passing'), failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** Removes the coverage of an earlier run. Returns the variables that make tests record it. */
async function openCoverage() {
  await rm('coverage', { recursive: true, force: true });
  await mkdir(PAGES_COVERED, { recursive: true });
  return { NODE_V8_COVERAGE: resolve(COVERED), TEST_PAGES_COVERED: resolve(PAGES_COVERED) };
}

async function reportCoverage() {
  for (const command of [
    ['--import', 'tsx', 'scripts/page-coverage.ts', PAGES_COVERED, COVERED],
    [C8, 'report'],
  ]) {
    const child = spawn(process.execPath, command, { stdio: 'inherit' });
    const code = await new Promise((done) => child.on('close', done));
    if (code !== 0) throw new Error(`The report of the coverage failed: ${command.join(' ')}`);
  }
}

async function prepare() {
  const { ensureServices } = await import('./services.js');
  const { buildStale } = await import('./build.js');
  await ensureServices();
  await buildStale();
}

try {
  const args = process.argv.slice(2);
  const { runs, isPart } = planOf(args);
  // Workers of one run share a server.
  if (!isPart || runs[0].includes('--parallel')) process.env.TEST_POSTGRES = 'held';
  await prepare();
  const profile = args.includes('--profile') ? await openProfile() : null;
  if (profile) process.env.TEST_PROFILE = profile.path;
  const isCovered = args.includes('--coverage');
  const variables = isCovered ? await openCoverage() : {};
  const total = { passed: 0, failed: 0 };
  for (const specs of runs) {
    const { passed, failed } = await run(commandOf(specs), variables);
    total.passed += passed;
    total.failed += failed;
  }
  if (isCovered) await reportCoverage();
  if (profile) console.log(profileTable(await profile.read()));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
