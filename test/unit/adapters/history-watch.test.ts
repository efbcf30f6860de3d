import { expect } from 'chai';
import { pino } from 'pino';
import { HistoryWatch } from '../../../src/adapters/postgres/history/history-watch.js';
import type { Sighting } from '../../../src/adapters/postgres/history/sighting.js';
import type { PatientClient } from '../../../src/adapters/postgres/sql/driver.js';
import type { HistoryMark } from '../../../src/ports/history.js';

const FOREVER_MS = 3_600_000;
const RECORDED = { location: 'timeline 1', recorded: 'timeline 1', number: 0, id: 'first' };

/** A server with its replies to looks at a connection, and its other statements. */
class FakeServer {
  state: Sighting;
  readonly told: string[] = [];
  /** Holds back the next reply until then. */
  hold: Promise<void> = Promise.resolve();

  constructor(state: Partial<Sighting> = {}) {
    this.state = { ...RECORDED, lsn: 1_000, isStandby: false, timeMs: 5_000, ...state };
  }

  connect() {
    const client = {
      dropped: false,
      once() {},
      drop() {
        client.dropped = true;
      },
      query: (text: string, bind: unknown[] = []) => this.#answer(text, bind),
    };
    return client;
  }

  get hasMovedIds(): boolean {
    return this.told.some((text) => text.includes('setval'));
  }

  async #answer(text: string, bind: unknown[]) {
    const rows = [{ ...this.state }];
    await this.hold;
    if (text.includes('"isStandby"')) return { rows };
    this.told.push(text);
    if (!text.includes('UPDATE deployment')) return { rows: [] };
    this.state.recorded = this.state.location;
    if (bind.length === 2) {
      const number = Math.max(this.state.number, Number(bind[0])) + 1;
      this.state = { ...this.state, number, id: `${number} on ${this.state.location}` };
    }
    return { rows: [] };
  }
}

type FakeClient = ReturnType<FakeServer['connect']>;

describe('The history that connections lead to', () => {
  let watch: HistoryWatch;
  let changes: HistoryMark[];

  const create = (loyalMs: number) => {
    watch = new HistoryWatch(pino({ level: 'silent' }), loyalMs);
    changes = [];
    watch.onChange((mark) => changes.push(mark));
  };
  beforeEach(() => create(FOREVER_MS));

  const admit = (client: FakeClient) => watch.admit(client as unknown as PatientClient);

  const connect = async (server: FakeServer): Promise<FakeClient> => {
    const client = server.connect();
    await admit(client);
    return client;
  };

  const refusal = async (server: FakeServer): Promise<string> => {
    const client = server.connect();
    const message = await admit(client).then(
      () => 'admitted',
      (error: Error) => error.message,
    );
    if (message !== 'admitted') expect(client.dropped).to.equal(true);
    return message;
  };

  it('is kept with its location by whoever comes first, and nothing else is changed', async () => {
    const server = new FakeServer({ recorded: '' });
    await connect(server);
    expect(server.state).to.include({ recorded: 'timeline 1', number: 0, id: 'first' });
    expect(server.hasMovedIds).to.equal(false);
    await connect(server);
    expect(changes).to.deep.equal([]);
  });

  it('is the same one after a restart that lost nothing', async () => {
    const server = new FakeServer();
    const before = await connect(server);
    server.state.lsn += 500;
    await connect(server);
    expect([before.dropped, changes, server.told]).to.deep.equal([false, [], []]);
  });

  for (const [what, state] of Object.entries({
    'a standby was promoted': { location: 'timeline 2', lsn: 900 },
    'a standby that lacked nothing was promoted': { location: 'timeline 2', lsn: 2_000 },
    'a dump was restored into another cluster': { location: 'other system', lsn: 10 },
    'a snapshot of the same server was restored': { lsn: 999 },
  })) {
    it(`is followed by another one when ${what}: ids move on, older connections end`, async () => {
      const before = await connect(new FakeServer());
      const server = new FakeServer(state);
      const after = await connect(server);
      expect(server.hasMovedIds).to.equal(true);
      expect(server.told.at(0)).to.equal('BEGIN');
      expect(server.told.at(-1)).to.equal('COMMIT');
      expect([before.dropped, after.dropped]).to.deep.equal([true, false]);
      expect(changes.map(({ number }) => number)).to.deep.equal([1]);
      await connect(server);
      expect(changes.length).to.equal(1);
    });
  }

  it('is followed by another one when a snapshot older than the newest look is restored', async () => {
    const server = new FakeServer();
    await connect(server);
    server.state.lsn = 5_000;
    await connect(server);
    server.state.lsn = 4_999;
    await connect(server);
    expect(changes.map(({ number }) => number)).to.deep.equal([1]);
  });

  it('is begun once, however many connections find that out, on this node and others', async () => {
    await connect(new FakeServer());
    const server = new FakeServer({ location: 'timeline 2' });
    await connect(server);
    const begun = server.told.length;
    const other = new HistoryWatch(pino({ level: 'silent' }));
    await other.admit(server.connect() as unknown as PatientClient);
    await connect(server);
    expect(server.told.length).to.equal(begun);
  });

  it('is not taken for older because it was written on while it was asked', async () => {
    const server = new FakeServer();
    await connect(server);
    let answer = () => {};
    server.hold = new Promise((resolve) => {
      answer = resolve;
    });
    const slow = connect(server);
    server.hold = Promise.resolve();
    server.state.lsn = 5_000;
    await connect(server);
    answer();
    await slow;
    expect(server.told).to.deep.equal([]);
  });

  it('is never that of a standby', async () => {
    expect(await refusal(new FakeServer({ isStandby: true }))).to.match(/standby/);
  });

  it('is never again the one of the old primary, while the new one answers', async () => {
    const old = new FakeServer();
    const before = await connect(old);
    await connect(new FakeServer({ location: 'timeline 2' }));
    expect(before.dropped).to.equal(true);
    expect(await refusal(old)).to.match(/older/);
    expect(old.told).to.deep.equal([]);
  });

  it('begins anew on the old primary when that is all that is left, above what the other gave out', async () => {
    create(0);
    const old = new FakeServer();
    await connect(old);
    await connect(new FakeServer({ location: 'timeline 2' }));
    await connect(old);
    expect(old.hasMovedIds).to.equal(true);
    expect(changes.map(({ number }) => number)).to.deep.equal([1, 2]);
  });

  it('is one that another node has told of, before an own connection leads there', async () => {
    const old = new FakeServer();
    const before = await connect(old);
    watch.told({ number: 1, id: 'new' });
    expect(before.dropped).to.equal(true);
    expect(await refusal(old)).to.match(/older/);
    await connect(new FakeServer({ number: 1, id: 'new' }));
    watch.told({ number: 1, id: 'new' });
    expect(changes).to.deep.equal([{ number: 1, id: 'new' }]);
  });

  it('is not the one that a connection was asked for before a newer one was told of', async () => {
    const old = new FakeServer();
    await connect(old);
    let answer = () => {};
    old.hold = new Promise((resolve) => {
      answer = resolve;
    });
    const refused = refusal(old);
    watch.told({ number: 1, id: 'new' });
    answer();
    expect(await refused).to.match(/older/);
    expect(changes).to.deep.equal([{ number: 1, id: 'new' }]);
  });

  it('has the clock that all go by', async () => {
    const before = Date.now();
    const own = watch.now();
    expect(own).to.be.within(before, Date.now());
    const asked = performance.now();
    await connect(new FakeServer({ timeMs: 86_400_000 }));
    const passedMs = watch.now() - 86_400_000;
    expect(passedMs).to.be.within(-1, Math.ceil(performance.now() - asked));
  });
});
