import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { DomainEvents } from '../../../src/domain/events.js';
import {
  ImportService,
  type ImportServiceDeps,
} from '../../../src/domain/imports/import-service.js';
import { HeavyWork } from '../../../src/domain/limits/heavy-work.js';
import type { ImportFile } from '../../../src/ports/import-files.js';

const ASKER = { userId: 1, sessionId: 's' };
const MINUTE = 60_000;

/** A service whose file has no end until `finish`, and the states that it stores. */
function createParts() {
  const stored: string[] = [];
  let finish = () => {};
  const read = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const deps = {
    db: {
      transaction: async () => 7,
      imports: {
        update: async (_: number, { status }: { status: string }) => stored.push(status) > 0,
      },
    },
    files: {
      // biome-ignore lint/correctness/useYield: a file without any value
      async *read() {
        await read;
      },
    },
    events: new DomainEvents(),
    work: new HeavyWork({ perUser: 1, total: 1 }),
    findModel: () => null,
    now: () => 0,
    logger: pino({ level: 'silent' }),
  } as unknown as ImportServiceDeps;
  return { service: new ImportService(deps), stored, finish: () => finish() };
}

const file: ImportFile = { bytes: 1, close: async () => {} };

describe('An import', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => mock.timers.reset());

  const settle = async () => {
    for (let turns = 0; turns < 20; turns += 1) await turn();
  };

  it('says that it lives while nothing comes out of its file, and not after its end', async () => {
    const { service, stored, finish } = createParts();
    expect(await service.begin(ASKER, async () => file)).to.include({ id: 7 });
    mock.timers.tick(MINUTE);
    await settle();
    expect(stored).to.deep.equal(['running', 'running', 'running', 'running']);
    finish();
    await settle();
    mock.timers.tick(MINUTE);
    await settle();
    expect(stored.slice(4)).to.deep.equal(['done']);
  });

  it('is refused for now by a node that stops, before its file is read', async () => {
    const { service } = createParts();
    await service.stop();
    let isRead = false;
    const receive = async () => {
      isRead = true;
      return file;
    };
    const refusal = await service.begin(ASKER, receive).catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'unavailable' });
    expect(isRead).to.equal(false);
  });
});
