import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { openProfile, profileTable } from './profile.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!existsSync('node_modules')) {
  console.error('Dependencies are missing: run `npm ci` first.');
  process.exit(1);
}

/** One more than the processors of a small machine: with further ones, each test is slower and the whole is not quicker. */
const JOBS = ['--parallel', '--jobs', '3'];
/** For faults, whose nodes compute for a third of the time. */
const MORE_JOBS = ['--parallel', '--jobs', '4'];
/** These go first, so that none of them runs alone at the end. */
const LONG = [
  ...['integration/node-process', 'integration/embedded-postgres', 'cluster/balancers'],
  ...['bench/benches', 'integration/postgres-tls', 'cluster/lost-nodes', 'integration/readme'],
  ...['cluster/presence', 'cluster/lost-messages', 'integration/presence'],
  ...['integration/identity', 'integration/migrations', 'integration/gateway-limits'],
  ...['conformance/redis-engine', 'conformance/redis-cluster-engine', 'browser/chat'],
  ...['cluster/faults/stop', 'cluster/faults/owner-cut-off', 'cluster/faults/zombie'],
  ...['cluster/faults/redis-outages', 'cluster/faults/redis-histories'],
].map((name) => `test/${name}.test.ts`);
const FOLDERS = ['cluster', 'browser', 'integration', 'security', 'conformance', 'bench', 'unit'];

const filesIn = (folder, recursive = false) =>
  readdirSync(`test/${folder}`, { recursive })
    .filter((name) => /\.test\.tsx?$/.test(name))
    .map((name) => `test/${folder}/${name}`);

function longFirst(files) {
  const isLong = (file) => LONG.includes(file);
  return [
    ...LONG.filter((file) => files.includes(file)),
    ...files.filter((file) => !isLong(file)).sort(),
  ];
}

/** All test files but the faults. */
const quickFiles = () =>
  FOLDERS.flatMap((folder) => filesIn(folder, true)).filter((file) => !file.includes('/faults/'));

/**
 * Measuring tests have the machine to themselves. The others run side by side, because they mostly wait: for leases,
 * outages and drains. Those that load the machine go first.
 */
const MEASURES = 'test/cluster/faults/load/worst-calls.test.ts';
const faults = () => [
  [MEASURES],
  [...JOBS, ...longFirst(filesIn('cluster/faults/load').filter((file) => file !== MEASURES))],
  [...MORE_JOBS, ...longFirst(filesIn('cluster/faults'))],
];
/** Tests only check that benches work, so nothing needs a processor to itself. */
process.env.BENCH_UNPINNED ??= '1';
const OPTIONS = ['--coverage', '--faults', '--profile'];
const MOCHA = 'node_modules/mocha/bin/mocha.js';
const C8 = 'node_modules/c8/bin/c8.js';

/** The arguments of each run of mocha. */
function runsOf(args) {
  const rest = args.filter((arg) => !OPTIONS.includes(arg));
  const profiles = args.includes('--profile');
  // Only workers can tell one file from another.
  const workers = profiles ? ['--parallel', '--jobs', '2'] : [];
  const isPart = rest.some((arg) => /\.test\.tsx?$/.test(arg));
  if (profiles || !isPart) process.env.TEST_POSTGRES = 'held';
  if (isPart) return [[...workers, ...rest]];
  const all = args.includes('--faults') ? faults() : [[...JOBS, ...longFirst(quickFiles())]];
  return all.map((specs) => [...specs, ...rest]);
}

function commandOf(args, coverage) {
  const colors = process.stdout.isTTY ? ['--colors'] : [];
  const mocha = [MOCHA, ...colors, ...args];
  return coverage ? [C8, process.execPath, ...mocha] : mocha;
}

const count = (text, word) =>
  Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(text)?.[1] ?? 0);

/** Shows mocha's output as it comes, and returns its counts. A bad exit without a failed test counts as a failure. */
async function run(command) {
  const child = spawn(process.execPath, command, { stdio: ['inherit', 'pipe', 'inherit'] });
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

async function prepare() {
  const { ensureServices } = await import('./services.js');
  const { buildStale } = await import('./build.js');
  await ensureServices();
  await buildStale();
}

try {
  await prepare();
  const args = process.argv.slice(2);
  const profile = args.includes('--profile') ? await openProfile() : null;
  if (profile) process.env.TEST_PROFILE = profile.path;
  const total = { passed: 0, failed: 0 };
  for (const specs of runsOf(args)) {
    const { passed, failed } = await run(commandOf(specs, args.includes('--coverage')));
    total.passed += passed;
    total.failed += failed;
  }
  if (profile) console.log(profileTable(await profile.read()));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
