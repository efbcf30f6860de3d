import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { eventually } from '../../../lab/eventually.js';
import { createMemoryEngine } from '../../../src/adapters/memory/engine.js';
import { AppError } from '../../../src/entities/errors.js';
import { freshData } from '../../../src/gateway/connection/handshake.js';
import { RoomPresence } from '../../../src/gateway/rooms/room-presence.js';
import { RoomReaders } from '../../../src/gateway/rooms/room-readers.js';
import { type Visit, Visits } from '../../../src/gateway/rooms/visits.js';
import { type ParleyServer, type ParleySocket, userRoom } from '../../../src/gateway/types.js';
import { createLogger } from '../../../src/node/logger.js';
import type { Engine } from '../../../src/ports/engine.js';

const MAX_OPEN = 2;
const USER = 7;

/** Lets waiting callers continue when the test says so. */
function createGate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe('A socket that opens conversations', () => {
  let io: ParleyServer;
  let engine: Engine;
  let visits: Visits;
  let device: Socket;
  let socket: ParleySocket;
  /** Delays subscriptions of the live log, as a slow Redis does. */
  let subscribing: Promise<void>;
  let admit: (socket: ParleySocket) => Promise<void>;
  let isMember: (conversationId: number) => Promise<boolean>;

  beforeEach(async () => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    io = new Server(http);
    engine = createMemoryEngine();
    subscribing = Promise.resolve();
    admit = async () => {};
    isMember = async () => true;
    const log = {
      ...engine.log,
      subscribe: async (...args: Parameters<Engine['log']['subscribe']>) => {
        await subscribing;
        return engine.log.subscribe(...args);
      },
    };
    const readers = new RoomReaders(io, log, createLogger({ level: 'silent', pretty: false }));
    const presence = new RoomPresence(io, engine.presence);
    readers.start();
    presence.start();
    visits = new Visits({
      readers,
      presence,
      admit: (socket) => admit(socket),
      isMember: (_, id) => isMember(id),
      maxOpen: MAX_OPEN,
    });
    const principal = { userId: USER, expiresAt: 0 } as ParleySocket['data']['principal'];
    io.use((fresh, next) => {
      Object.assign(fresh.data, freshData(principal, '127.0.0.1'));
      void fresh.join(userRoom(USER));
      next();
    });
    const { port } = http.address() as AddressInfo;
    device = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    [socket] = (await once(io, 'connection')) as [ParleySocket];
  });
  afterEach(async () => {
    device.disconnect();
    await io.close();
    await engine.stop();
  });

  const open = (id: number, work: () => Promise<void> = async () => {}) =>
    visits.run(socket, id, async (visit: Visit) => {
      await visit.open(id);
      await work();
    });
  const fails = async () => {
    throw new Error('away');
  };
  const codeOf = (error: unknown) => (error as { code?: string }).code;
  const opened = () => visits.readers.opened(socket);
  const present = (id: number) => [...engine.presence.present(id)];

  it('cannot pass the limit by opening many at the same moment', async () => {
    const gate = createGate();
    subscribing = gate.passed;
    const opens = [1, 2, 3, 4].map((id) => open(id).then(() => 'open', codeOf));
    gate.open();
    expect(await Promise.all(opens)).to.deep.equal([
      'open',
      'open',
      'rate_limited',
      'rate_limited',
    ]);
    expect(opened()).to.deep.equal([1, 2]);
  });

  it('may open one conversation many times at the same moment', async () => {
    const opens = [1, 1, 2, 2, 1].map((id) => open(id));
    await Promise.all(opens);
    expect(opened()).to.deep.equal([1, 2]);
  });

  it('has its place again when an opening has failed or a conversation was closed', async () => {
    await open(1);
    await open(2, fails).catch(() => {});
    await open(3);
    expect(await open(4).catch(codeOf)).to.equal('rate_limited');
    await visits.leave(socket, 1);
    await open(4);
    expect(opened()).to.deep.equal([3, 4]);
  });

  it('needs a place for a conversation that it is about to create', async () => {
    const gate = createGate();
    const created = visits.run(socket, null, async (visit) => {
      await gate.passed;
      await visit.join(1);
    });
    await open(2);
    expect(await open(3).catch(codeOf)).to.equal('rate_limited');
    gate.open();
    await created;
    expect(opened()).to.have.members([1, 2]);
    expect(present(1)).to.deep.equal([USER]);
    await visits.leave(socket, 1);
    await open(3);
  });

  for (const way of ['open', 'join'] as const) {
    it(`is not left in a conversation that it closed before it was there, by ${way}`, async () => {
      const gate = createGate();
      subscribing = gate.passed;
      const opening = visits.run(socket, 1, (visit) => visit[way](1));
      await visits.close(socket, 1);
      gate.open();
      await opening;
      expect(opened()).to.deep.equal([]);
      expect(present(1)).to.deep.equal([]);
      await open(2);
      await open(3);
      expect(opened()).to.deep.equal([2, 3]);
    });
  }

  it('stays where it opened again what it had closed, also if the first opening ends last', async () => {
    for (const [id, lastFirst] of [
      [1, true],
      [2, false],
    ] as const) {
      const [before, after] = [createGate(), createGate()];
      const calls = [open(id, () => before.passed)];
      await visits.close(socket, id);
      calls.push(open(id, () => after.passed));
      const gates = lastFirst ? [after, before] : [before, after];
      gates[0]?.open();
      await calls[lastFirst ? 1 : 0];
      gates[1]?.open();
      await Promise.all(calls);
      expect(opened()).to.include(id);
      expect(present(id)).to.deep.equal([USER]);
    }
  });

  it('does not come back to what it closed when opening it again fails', async () => {
    const gate = createGate();
    subscribing = gate.passed;
    const first = open(1);
    await visits.close(socket, 1);
    const second = open(1, fails).catch(() => {});
    gate.open();
    await Promise.all([first, second]);
    expect(opened()).to.deep.equal([]);
    expect(present(1)).to.deep.equal([]);
  });

  it('is not brought back by a call in a conversation that it had open and closes', async () => {
    await open(1);
    const gate = createGate();
    const call = visits.run(socket, 1, async (visit) => {
      await gate.passed;
      await visit.join(1);
    });
    await visits.close(socket, 1);
    gate.open();
    await call;
    expect(opened()).to.deep.equal([]);
    expect(present(1)).to.deep.equal([]);
  });

  it('is not left in a conversation that it could not open', async () => {
    const error = await open(1, fails).catch((cause: Error) => cause.message);
    expect(error).to.equal('away');
    expect(opened()).to.deep.equal([]);
    expect(present(1)).to.deep.equal([]);
  });

  it('stays in one that it had open before', async () => {
    await open(1);
    await open(1, fails).catch(() => {});
    expect(opened()).to.deep.equal([1]);
    expect(present(1)).to.deep.equal([USER]);
  });

  it('stays in one that another call has opened meanwhile, whichever ends first', async () => {
    for (const [id, failsFirst] of [
      [1, true],
      [2, false],
    ] as const) {
      const [failing, succeeding] = [createGate(), createGate()];
      const failed = open(id, () => failing.passed.then(fails)).catch(() => 'failed');
      const succeeded = open(id, () => succeeding.passed);
      const order = failsFirst ? [failing, succeeding] : [succeeding, failing];
      const ends = failsFirst ? [failed, succeeded] : [succeeded, failed];
      order[0]?.open();
      await ends[0];
      order[1]?.open();
      await Promise.all(ends);
      expect(opened()).to.include(id);
      expect(present(id)).to.deep.equal([USER]);
    }
  });

  it('never enters the room when its session ended while the subscription took long', async () => {
    // The time itself is tested: it is long enough for another check of the session.
    subscribing = sleep(300);
    admit = async () => {
      throw new AppError('session_revoked');
    };
    const joins = [open(1), visits.run(socket, 2, (visit) => visit.join(2))];
    const heard: string[] = [];
    device.onAny((name) => heard.push(name));
    expect(await Promise.all(joins.map((join) => join.catch(codeOf)))).to.deep.equal([
      'session_revoked',
      'session_revoked',
    ]);
    expect(opened()).to.deep.equal([]);
    const payload = { conversation_id: 1, message_ids: [1] } as never;
    await engine.log.publish(1, { name: 'message:deleted', payload } as never);
    socket.emit('server:resync', {});
    await eventually(
      () => heard.length,
      (count) => count > 0,
    );
    expect(heard).to.deep.equal(['server:resync']);
  });

  it('leaves a conversation that was deleted between the send and the join', async () => {
    isMember = async (id) => id !== 1;
    await visits.run(socket, null, (visit) => visit.join(1));
    await visits.run(socket, null, (visit) => visit.join(2));
    await eventually(opened, (ids) => ids.length === 1);
    expect(opened()).to.deep.equal([2]);
    expect([present(1), present(2)]).to.deep.equal([[], [USER]]);
  });

  it('stays where nobody can say whether its conversation is there', async () => {
    isMember = () => Promise.reject(new AppError('unavailable'));
    await visits.run(socket, null, (visit) => visit.join(1));
    expect(opened()).to.deep.equal([1]);
  });

  it('is present nowhere when it has gone in the middle of an opening', async () => {
    const gate = createGate();
    subscribing = gate.passed;
    const gone = once(socket as never, 'disconnect');
    const opening = open(1);
    device.disconnect();
    await gone;
    gate.open();
    await opening;
    expect(present(1)).to.deep.equal([]);
  });
});
