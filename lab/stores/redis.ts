import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findRedisServer } from '../nodes/programs.js';
import type { Certificates } from './certificates.js';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** The process id of the running server. */
  readonly pid: number;
  /** Ends it at once, with all its data. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/** Ports below those of outgoing connections, so that none of these takes a port while its server is away. */
const PORTS = { from: 15_000, slices: 85, each: 200 };

const listensAt = (port: number) =>
  new Promise<Server | null>((resolve) => {
    const server = createServer().once('error', () => resolve(null));
    server.listen(port, () => resolve(server));
  });

async function mayListen(port: number): Promise<boolean> {
  const server = await listensAt(port);
  if (!server) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** The first port of a slice that this process has for itself: it listens there until it ends. */
async function takeSlice(): Promise<number> {
  const first = randomInt(PORTS.slices);
  for (let i = 0; i < PORTS.slices; i++) {
    const from = PORTS.from + ((first + i) % PORTS.slices) * PORTS.each;
    const server = await listensAt(from);
    if (server) {
      server.unref();
      return from;
    }
  }
  throw new Error('no free ports');
}

/** Each process takes ports of its own in turn: between its choice and its server's start, nobody else takes one. */
let slice: Promise<number> | undefined;
let taken = 0;

export async function freePort(): Promise<number> {
  slice ??= takeSlice();
  const from = await slice;
  for (;;) {
    taken = (taken % (PORTS.each - 1)) + 1;
    const port = from + taken;
    if (await mayListen(port)) return port;
  }
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

class RedisServer implements TestRedis {
  readonly port: number;
  #launch: () => ChildProcess;
  #dir: string;
  #child: ChildProcess;

  constructor(port: number, dir: string, launch: () => ChildProcess) {
    this.port = port;
    this.#dir = dir;
    this.#launch = launch;
    this.#child = launch();
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  ready(): Promise<void> {
    return untilReady(this.#child);
  }

  kill(): Promise<void> {
    return end(this.#child);
  }

  async start(): Promise<void> {
    this.#child = this.#launch();
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** A separate Redis without persistence. `port` starts it again on that port; `extra` are further arguments. */
export async function startRedis(port?: number, extra: readonly string[] = []): Promise<TestRedis> {
  const program = await findRedisServer();
  if (!program)
    throw new Error('No redis-server: install it, or run the tests through `npm test`.');
  const dir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  const chosen = port ?? (await freePort());
  const place = ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', dir];
  const args = [...place, '--save', '', '--appendonly', 'no', ...extra];
  const launch = () => spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const server = new RedisServer(chosen, dir, launch);
  await server.ready();
  return server;
}

/** Arguments of a server that accepts only TLS, from its peers too. It requests no client certificates. */
export const onlyTls = (port: number, { authority, certificate, key }: Certificates): string[] => [
  ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
  ...['--tls-ca-cert-file', authority, '--tls-cert-file', certificate, '--tls-key-file', key],
  ...['--tls-replication', 'yes', '--tls-cluster', 'yes'],
];

export async function startTlsRedis(certificates: Certificates): Promise<TestRedis> {
  const port = await freePort();
  const redis = await startRedis(port, onlyTls(port, certificates));
  return Object.defineProperty(redis, 'url', { value: `rediss://localhost:${port}` });
}
