import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Certificates } from './certificates.js';
import { findRedisServer } from './programs.js';

export interface TestRedis {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!/ready to accept connections/i.test(line)) continue;
    child.stdout.resume();
    return;
  }
  throw new Error('redis-server ended before it was ready');
}

async function stop(child: ChildProcess, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  await rm(dir, { recursive: true, force: true });
}

/** A Redis of one's own, without persistence. `port` starts it again where it was; `extra` are more arguments. */
export async function startRedis(port?: number, extra: readonly string[] = []): Promise<TestRedis> {
  const program = await findRedisServer();
  if (!program)
    throw new Error('No redis-server: install it, or run the tests through `npm test`.');
  const dir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const chosen = port ?? (await freePort());
  const args = ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', dir];
  const child = spawn(program, [...args, '--save', '', '--appendonly', 'no', ...extra], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await untilReady(child);
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    pid: child.pid ?? 0,
    stop: () => stop(child, dir),
  };
}

/** Arguments of a server that speaks TLS and nothing else, also to its like; it asks clients for no certificate. */
export const onlyTls = (port: number, { authority, certificate, key }: Certificates): string[] => [
  ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
  ...['--tls-ca-cert-file', authority, '--tls-cert-file', certificate, '--tls-key-file', key],
  ...['--tls-replication', 'yes', '--tls-cluster', 'yes'],
];

export async function startTlsRedis(certificates: Certificates): Promise<TestRedis> {
  const port = await freePort();
  const redis = await startRedis(port, onlyTls(port, certificates));
  return { ...redis, url: `rediss://localhost:${port}` };
}
