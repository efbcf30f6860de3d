import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

export type { Link } from './tcp-proxy.js';

export interface RedisProxy extends TcpProxy {
  url: string;
}

/** A connection to Redis that a test can break for one node alone. */
export async function startRedisProxy(port: number): Promise<RedisProxy> {
  const proxy = await startTcpProxy(port, true);
  return { ...proxy, url: `redis://127.0.0.1:${proxy.port}` };
}
