import { createMemoryEngine } from '../../src/adapters/memory/engine.js';
import { createMemoryHub } from '../../src/adapters/memory/hub.js';
import { delaysConformance } from './delays-suite.js';
import { engineConformance, type Nodes } from './engine-suite.js';
import { exactlyOnceConformance } from './exactly-once-suite.js';
import { followConformance } from './follow-suite.js';
import { paceConformance } from './pace-suite.js';
import { presenceConformance } from './presence-suite.js';

async function createNodes(): Promise<Nodes> {
  const hub = createMemoryHub();
  const [engine, peer] = [createMemoryEngine(hub), createMemoryEngine(hub)];
  await Promise.all([engine.start(), peer.start()]);
  return {
    engine,
    peer,
    presenceTtlMs: 100,
    async stop() {
      await Promise.all([engine.stop(), peer.stop()]);
    },
  };
}

engineConformance('memory', createNodes);
delaysConformance('memory', createNodes);
exactlyOnceConformance('memory', createNodes);
followConformance('memory', createNodes);
paceConformance('memory', createNodes);
presenceConformance('memory', createNodes);
