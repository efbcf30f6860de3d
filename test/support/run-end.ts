import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';

/** Time to end for what still runs after all tests. */
const LINGER_MS = 5_000;

/** The resources that keep this process alive. Node has no public way to learn more than their kinds. */
const openHandles = (): unknown[] =>
  Reflect.apply(Reflect.get(process, '_getActiveHandles'), process, []);

const isChild = (handle: unknown): handle is ChildProcess => handle instanceof ChildProcess;

const place = (address: ReturnType<Server['address']>) =>
  typeof address === 'object' && address ? `port ${address.port}` : String(address);

function describe(handle: unknown): string | null {
  if (isChild(handle)) return `process ${handle.pid}: ${handle.spawnargs.join(' ')}`;
  if (handle instanceof Server) return `server on ${place(handle.address())}`;
  if (handle instanceof Socket && handle.remotePort) return `socket to port ${handle.remotePort}`;
  return null;
}

function report(): string {
  const kinds = process.getActiveResourcesInfo().join(', ');
  const lines = openHandles()
    .map(describe)
    .filter((line) => line !== null);
  return [`The tests have ended, but left open (${kinds}):`, ...lines].join('\n  ');
}

/** Ends a run that left something open, as a failure. The wait itself keeps nothing alive. */
export function endSoon(): void {
  const end = () => {
    console.error(report());
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
    process.exit();
  };
  setTimeout(end, LINGER_MS).unref();
}

/** A program that outlives its test would hold the output of the run open, and its reader would wait. */
export function killChildren(): void {
  for (const child of openHandles().filter(isChild)) child.kill('SIGKILL');
}
