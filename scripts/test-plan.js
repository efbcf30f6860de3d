import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One more than the processors of a small machine: with further ones, each test is slower and the whole is not quicker. */
const JOBS = ['--parallel', '--jobs', '3'];
/** Tests of faults run with more jobs: their nodes compute for a third of the time only. */
const MORE_JOBS = ['--parallel', '--jobs', '4'];
/** Long tests go first, so that none of them runs alone at the end. */
const LONG = [
  ...['browser/axe-phone', 'browser/axe-desktop', 'integration/node/process'],
  ...['integration/postgres/embedded', 'cluster/balancers'],
  ...['integration/postgres/tls', 'cluster/lost-nodes', 'integration/repository/readme'],
  ...['cluster/presence', 'cluster/lost-messages', 'integration/gateway/presence'],
  ...[
    'integration/accounts/identity',
    'integration/postgres/migrations',
    'integration/gateway/gateway-limits',
  ],
  ...['conformance/redis-engine', 'conformance/redis-cluster-engine', 'browser/chat'],
  ...['cluster/faults/stop', 'cluster/faults/owner-cut-off', 'cluster/faults/zombie'],
  ...['cluster/faults/redis-outages', 'cluster/faults/redis-histories'],
].map((name) => `test/${name}.test.ts`);
const FOLDERS = ['cluster', 'browser', 'integration', 'security', 'conformance', 'unit'];
/**
 * Measuring tests have the machine to themselves. The others run side by side, because they mostly wait: for leases,
 * outages and drains. Those that load the machine go first.
 */
const MEASURES = 'test/cluster/faults/load/worst-calls.test.ts';
/** Options of this runner; mocha gets everything else. */
export const OPTIONS = ['--benches', '--coverage', '--faults', '--profile'];

const TEST_FILE = /\.test\.tsx?$/;

/** All test files of a directory, without those of faults unless it is one of theirs. */
function filesOf(directory) {
  const files = readdirSync(directory, { recursive: true })
    .filter((name) => TEST_FILE.test(name))
    .map((name) => join(directory, name));
  const hasFaults = directory.includes('faults');
  return files.filter((file) => hasFaults || !file.includes('/faults/'));
}

const filesIn = (folder) =>
  readdirSync(`test/${folder}`)
    .filter((name) => TEST_FILE.test(name))
    .map((name) => `test/${folder}/${name}`);

function longFirst(files) {
  return [
    ...LONG.filter((file) => files.includes(file)),
    ...files.filter((file) => !LONG.includes(file)).sort(),
  ];
}

const faults = () => [
  [MEASURES],
  [...JOBS, ...longFirst(filesIn('cluster/faults/load').filter((file) => file !== MEASURES))],
  [...MORE_JOBS, ...longFirst(filesIn('cluster/faults'))],
];

const sideBySide = (folders) => [
  [...JOBS, ...longFirst(folders.flatMap((folder) => filesOf(`test/${folder}`)))],
];

/** The tests that run without names of files or directories. */
function wholeOf(args) {
  if (args.includes('--faults')) return faults();
  return sideBySide(args.includes('--benches') ? ['bench'] : FOLDERS);
}

const isDirectory = (arg) => existsSync(arg) && statSync(arg).isDirectory();

/** See test-plan.d.ts. */
export function planOf(args) {
  const rest = args.filter((arg) => !OPTIONS.includes(arg));
  // Only workers can tell one file from another.
  const workers = args.includes('--profile') ? ['--parallel', '--jobs', '2'] : [];
  const directories = rest.filter(isDirectory);
  if (directories.length > 0) {
    const found = directories.map((directory) => filesOf(join(directory)));
    const empty = found.findIndex((files) => files.length === 0);
    if (empty >= 0) throw new Error(`${directories[empty]} has no tests.`);
    const others = rest.filter((arg) => !directories.includes(arg));
    const files = longFirst([...new Set(found.flat())]);
    return {
      runs: [[...(workers.length > 0 ? workers : JOBS), ...files, ...others]],
      isPart: true,
    };
  }
  if (rest.some((arg) => TEST_FILE.test(arg)))
    return { runs: [[...workers, ...rest]], isPart: true };
  return { runs: wholeOf(args).map((specs) => [...specs, ...rest]), isPart: false };
}
