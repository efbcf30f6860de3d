import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { Gate } from '../../../lab/gate.js';
import { endOnSignals } from '../../../src/node/signals.js';

const DRAIN_MS = 60_000;

/** A node that stops when the test says so, in a process that only notes how it would exit. */
function startFake() {
  const stopped = new Gate();
  const exited = new Gate();
  const process = new EventEmitter();
  const listeners = { oust: () => {}, drain: () => {} };
  const waits: number[] = [];
  const exits: unknown[] = [];
  const app = {
    stop: (wait: number) => {
      waits.push(wait);
      return stopped.opened;
    },
    onOusted: (listener: () => void) => {
      listeners.oust = listener;
    },
    onDrainAsked: (listener: () => void) => {
      listeners.drain = listener;
    },
  };
  const exit = (code?: unknown) => {
    exits.push(code);
    exited.open();
    return undefined as never;
  };
  endOnSignals(app, DRAIN_MS, Object.assign(process, { exit }) as never);
  const end = async () => {
    stopped.open();
    await exited.opened;
    return exits;
  };
  return { signal: (name: string) => process.emit(name), listeners, waits, exits, end };
}

describe('the signals of a process', () => {
  it('let a drain go on when another node serves meanwhile', async () => {
    const { signal, listeners, waits, exits, end } = startFake();
    signal('SIGTERM');
    listeners.oust();
    listeners.drain();
    expect(exits).to.deep.equal([]);
    expect(waits).to.deep.equal([DRAIN_MS]);
    expect(await end()).to.deep.equal([0]);
  });

  it('end a node at once in whose place another one serves', async () => {
    const { listeners, waits, end } = startFake();
    listeners.oust();
    listeners.oust();
    expect(waits).to.deep.equal([0]);
    expect(await end()).to.deep.equal([1]);
  });

  it('end the process at once when the second one arrives', () => {
    const { signal, listeners, exits } = startFake();
    listeners.drain();
    signal('SIGINT');
    expect(exits).to.deep.equal([1]);
  });
});
