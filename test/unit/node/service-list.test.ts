import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { Lifecycle } from '../../../src/node/lifecycle.js';
import { type ListedParts, serviceList } from '../../../src/node/service-list.js';

/** Parts that write down what happens to them. Answers run until `answered` is called. */
function node(kind: 'memory' | 'redis') {
  const seen: string[] = [];
  let answered = () => {};
  const answers = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const note = (text: string) => () => void seen.push(text);
  const part = (name: string) => ({
    start: note(`start ${name}`),
    stop: async () => void seen.push(`stop ${name}`),
  });
  const drains = (name: string) => async (ms: number) => void seen.push(`drain ${name} ${ms}`);
  const parts: ListedParts = {
    engine: { kind },
    retention: part('retention'),
    services: {
      erasure: part('erasure'),
      imports: part('imports'),
      callsHeld: part('reservations'),
      titles: { stop: part('titles').stop },
      owed: { stop: part('owed').stop },
      outbox: part('webhooks'),
      completionRuns: { start: note('start completions'), stop: drains('completions') },
      scheduler: {
        start: note('start answers'),
        async stop(ms: number) {
          seen.push(`drain answers ${ms}`);
          await answers;
          seen.push('answered');
        },
      },
    },
    programs: { stop: drains('programs') },
    streams: { close: note('close streams') },
    metrics: { name: 'metrics', ...part('metrics') },
    health: { name: 'health', ...part('health'), drain: note('drain health') },
    front: { open: note('open'), drain: drains('sockets'), stop: part('front').stop },
    listen: async () => void seen.push('listen'),
    warmUp: note('warm up'),
  };
  return { seen, answered, list: serviceList(parts) };
}

/** The steps of a node at its end, before and after its last answer has ended. */
async function ending(kind: 'memory' | 'redis') {
  const { seen, answered, list } = node(kind);
  const lifecycle = new Lifecycle();
  await lifecycle.start(list, new AbortController().signal);
  const started = seen.splice(0);
  const stopped = lifecycle.stop(30_000);
  await setImmediate();
  const meanwhile = seen.splice(0);
  answered();
  await stopped;
  return { started, meanwhile, after: seen };
}

describe('The list of services', () => {
  it('starts what serves after the admission, and claims answers when the port is open', async () => {
    const { started } = await ending('memory');
    expect(started).to.deep.equal([
      ...['start retention', 'start erasure', 'start imports', 'start reservations'],
      ...['start metrics', 'start health', 'open', 'listen', 'warm up'],
      ...['start answers', 'start completions', 'start webhooks'],
    ]);
  });

  it('stops webhooks when nothing runs any more, and the front before what it uses', async () => {
    const { after } = await ending('redis');
    expect(after).to.deep.equal([
      ...['answered', 'stop webhooks', 'stop front', 'stop health', 'stop metrics'],
      ...['stop titles', 'stop owed', 'stop reservations', 'stop erasure', 'stop retention'],
    ]);
  });

  const atOnce = ['drain completions 30000', 'drain answers 30000', 'drain programs 30000'];

  it('moves readers to other nodes at once', async () => {
    const { meanwhile } = await ending('redis');
    const readers = ['close streams', 'drain sockets 5000'];
    expect(meanwhile).to.have.members([...atOnce, ...readers, 'drain health', 'stop imports']);
  });

  it('lets readers of a single node stay until their answers have ended', async () => {
    const { meanwhile, after } = await ending('memory');
    expect(meanwhile).to.have.members([...atOnce, 'drain health', 'stop imports']);
    expect(after.slice(0, 4)).to.deep.equal([
      ...['answered', 'close streams', 'drain sockets 500', 'stop webhooks'],
    ]);
  });
});
