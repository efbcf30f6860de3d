import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SHOWN = 30;

const seconds = (value) => value.toFixed(1).padStart(7);

const programsOf = ({ programs }) =>
  Object.entries(programs)
    .map(([name, count]) => (count > 1 ? `${count} ${name}` : name))
    .join(', ');

function lineOf(file) {
  const { wall, cpu, loading, children, slowest } = file;
  const waited = Math.max(0, wall - cpu);
  const times = [wall, waited, cpu, children, loading].map(seconds).join('');
  return `${times}  ${file.file}
${' '.repeat(37)}${programsOf(file) || 'no programs'}; ${slowest.seconds.toFixed(1)} s: ${slowest.title}`;
}

const sum = (files, of) => files.reduce((total, file) => total + file[of], 0);

/** The CPU of a run, to compare with that of another run: time says little on a machine that does other things too. */
function cpuLine(parts) {
  const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  const list = Object.entries(parts).map(([name, seconds]) => `${name} ${seconds.toFixed(0)} s`);
  return `${total.toFixed(0)} s: ${list.join(', ')}`;
}

/** The slowest files of a run, and the totals of all files. */
export function profileTable({ files, postgres }) {
  const slowest = files.toSorted((a, b) => b.wall - a.wall).slice(0, SHOWN);
  const of = (part) => sum(files, part);
  const cpu = { tests: of('cpu'), programs: of('children'), loading: of('loading'), postgres };
  return [
    `The ${slowest.length} slowest of ${files.length} files. In seconds: time, of it not computing, CPU of the tests, of programs`,
    'that have ended, of loading the file. Below: programs started; the slowest test.',
    `   time waited    cpu programs loading`,
    ...slowest.map(lineOf),
    `All: ${of('wall').toFixed(0)} s, one after the other. CPU: ${cpuLine(cpu)}`,
  ].join('\n');
}

/** Test processes write the costs of each file here, and the run those of Postgres; `read` empties it. */
export async function openProfile() {
  const directory = await mkdtemp(join(tmpdir(), 'parley-profile-'));
  const path = join(directory, 'files');
  return {
    path,
    async read() {
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      await rm(directory, { recursive: true });
      const parts = lines.map((line) => JSON.parse(line));
      const files = parts.filter(({ file }) => file !== undefined);
      const runs = parts.filter(({ postgres }) => postgres !== undefined);
      return { files, postgres: sum(runs, 'postgres') };
    },
  };
}
