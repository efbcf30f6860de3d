import type { Engine } from '../../ports/engine.js';
import { createMemoryHub, type MemoryHub } from './hub.js';
import { createMemoryLog } from './live-log.js';
import { createMemoryPace } from './model-pace.js';
import { createMemoryPresence } from './presence.js';
import { createMemoryRateLimiter } from './rate-limiter.js';

/** The engine of a single node. Engines made with the same `hub` see each other like nodes on one Redis. */
export function createMemoryEngine(hub: MemoryHub = createMemoryHub()): Engine {
  const presence = createMemoryPresence(hub);
  return {
    kind: 'memory',
    log: createMemoryLog(hub),
    presence,
    notices: {
      async send(notice) {
        hub.notify(notice);
      },
      onNotice: (listener) => hub.onNotice(listener),
    },
    limiter: createMemoryRateLimiter(),
    delays: hub.delays,
    pace: createMemoryPace(hub.pace),
    paceOf: (provider) => createMemoryPace(hub.paceOf(provider)),
    health: { check: async () => 'ok' },
    meet: async () => ({ hub: hub.name, isTaken: false }),
    async start() {},
    async stop() {
      presence.stop();
      hub.logs.stop();
    },
  };
}
