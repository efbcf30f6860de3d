import { startCountingProxy } from './counting-proxy.js';
import { hearMessages } from './heard-messages.js';
import type { Measured } from './script.js';

/** Nodes without a reader beside the working one. Messages from Redis to them are counted. */
export interface IdleNodes {
  /** All of them together since the last call: µs of CPU, and messages. */
  spent(): Promise<Spent>;
  /** Changes their number. */
  resizeTo(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Spent {
  cpu: number;
  /** Messages on channels of conversations, or rooms. */
  inRooms: number;
  /** Messages on all other channels, except a node's beats to itself. */
  others: number;
}

export interface IdleOptions {
  redisUrl: string;
  start(redisUrl: string): Promise<Measured>;
  isRoom(channel: string): boolean;
}

interface Idle {
  node: Measured;
  stop(): Promise<void>;
}

export function idleNodes({ redisUrl, start, isRoom }: IdleOptions): IdleNodes {
  const nodes: Idle[] = [];
  const heard = { inRooms: 0, others: 0 };
  let last: Spent = { cpu: 0, ...heard };

  const watch = () =>
    hearMessages((channel) => {
      if (isRoom(channel)) heard.inRooms += 1;
      else if (!channel.includes('beat:')) heard.others += 1;
    });

  const add = async (): Promise<Idle> => {
    const proxy = await startCountingProxy(redisUrl.replace('redis:', 'http:'), watch);
    const node = await start(proxy.url.replace('http:', 'redis:'));
    return { node, stop: () => node.stop().finally(() => proxy.stop()) };
  };

  const totals = async (): Promise<Spent> => {
    const usages = await Promise.all(nodes.map(({ node }) => node.usage()));
    return { cpu: usages.reduce((sum, { cpu }) => sum + cpu, 0), ...heard };
  };

  const resizeTo = async (count: number) => {
    while (nodes.length < count) nodes.push(await add());
    await Promise.all(nodes.splice(count).map(({ stop }) => stop()));
  };

  return {
    resizeTo,
    async spent() {
      const now = await totals();
      const spent = {
        cpu: now.cpu - last.cpu,
        inRooms: now.inRooms - last.inRooms,
        others: now.others - last.others,
      };
      last = now;
      return spent;
    },
    stop: () => resizeTo(0),
  };
}
