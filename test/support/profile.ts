import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { cpuOfEnded } from '../../lab/nodes/cpu.js';

/** A file of tests, as `npm test -- --profile` shows it. Times are in seconds. */
export interface FileProfile {
  file: string;
  wall: number;
  /**
   * CPU of this process while the tests ran, of loading them before, and of programs that they started and that
   * ended.
   */
  cpu: number;
  loading: number;
  children: number;
  programs: Record<string, number>;
  slowest: { title: string; seconds: number };
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU of the Postgres that all files share, in seconds, once per run. */
export interface RunProfile {
  postgres: number;
}

export function appendProfile(path: string, line: FileProfile | RunProfile): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/** Root hooks that append a line for each test file to `path`. With workers they run once per file. */
export function profileHooks(path: string) {
  let programs: Record<string, number> = {};
  let slowest = { title: '', seconds: 0 };
  let endedAt = 0;
  let begun = { wall: 0, cpu: 0, children: 0 };

  subscribe('child_process', (message) => {
    const { process: child } = message as { process: { spawnfile?: string } };
    // The program's name is not known yet.
    queueMicrotask(() => {
      const name = basename(child.spawnfile ?? 'other');
      programs[name] = (programs[name] ?? 0) + 1;
    });
  });

  function begin(): void {
    begun = { wall: performance.now(), cpu: ownCpu(), children: cpuOfEnded() };
  }

  function look(this: Mocha.Context): void {
    const { currentTest: test } = this;
    const seconds = (test?.duration ?? 0) / 1_000;
    if (test && seconds > slowest.seconds) slowest = { title: test.title, seconds };
  }

  function end(this: Mocha.Context): void {
    const file = this.test?.parent?.suites[0]?.file ?? '';
    const cpu = ownCpu();
    const profile: FileProfile = {
      file: relative('', file),
      wall: (performance.now() - begun.wall) / 1_000,
      cpu: cpu - begun.cpu,
      loading: begun.cpu - endedAt,
      children: cpuOfEnded() - begun.children,
      programs,
      slowest,
    };
    appendProfile(path, profile);
    endedAt = cpu;
    programs = {};
    slowest = { title: '', seconds: 0 };
  }

  return { begin, look, end };
}
