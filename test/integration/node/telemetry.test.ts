import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { openDevice } from '../../../lab/people/device.js';
import { type RecordedTelemetry, recordTelemetry } from '../../../lab/recorded-telemetry.js';
import { startRedis } from '../../../lab/stores/redis.js';
import { redisEngine } from '../../../lab/stores/redis-nodes.js';
import { Backlog } from '../../../src/gateway/rooms/backlog.js';
import type { RoomReaders } from '../../../src/gateway/rooms/room-readers.js';
import { SlowReaders } from '../../../src/gateway/rooms/slow-readers.js';
import type { ParleyServer, ParleySocket } from '../../../src/gateway/types.js';
import { collect, until } from '../../conformance/readers.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

describe('Telemetry', () => {
  let app: TestApp | null = null;
  let recorded: RecordedTelemetry;

  beforeEach(() => {
    recorded = recordTelemetry();
  });
  afterEach(async () => {
    await app?.stop();
    app = null;
  });

  const start = async (env: Record<string, string> = {}) => {
    app = await startApp(env, recorded.telemetry);
    const ada = await app.register('ada');
    return { app, ada, device: await app.device(ada), calls: recorded.calls };
  };

  it('hears of a socket, a question and its answer, each once and with what it was', async () => {
    const { app, device, calls } = await start();
    app.upstream.script(answer(['Hel', 'lo.'], { usage: USAGE }));
    const sent = await device.ask('message:send', { content: 'q', client_id: 'c' });
    await device.ended(sent.assistant_message.id);
    await device.ask('message:send', { content: 'q', client_id: 'c' });
    expect(calls.handshake).to.deep.equal([{ result: 'accepted' }]);
    expect(calls.questionStored).to.deep.equal([{ conversation: 'created', begun: true }]);
    expect(calls.attemptClaimed).to.deep.equal([{ attempt: 1, waited: false }]);
    const [[first], [ended]] = [calls.firstText, calls.answerEnded];
    expect(first?.attempt).to.equal(1);
    expect(first?.ms).to.be.above(0);
    expect(ended?.ms).to.be.at.least(first?.ms ?? Number.NaN);
    const { usage, ...end } = { ...ended, ms: 0 };
    expect(end).to.deep.equal({ status: 'completed', attempt: 1, ms: 0 });
    expect(usage).to.deep.include(USAGE);
    const named = calls.eventHandled.map(({ event, result }) => [event, result]);
    expect(named).to.deep.equal([
      ['message:send', 'ok'],
      ['message:send', 'ok'],
    ]);
    for (const { ms } of calls.eventHandled) expect(ms).to.be.above(0);
    for (const once of [calls.firstText, calls.answerEnded]) expect(once).to.have.length(1);
    const nothing = [calls.attemptTakenOver, calls.attemptLost, calls.attemptHandedBack];
    for (const none of [...nothing, calls.limited, calls.gapFound]) expect(none).to.be.empty;
  });

  it('hears what a device lacked that asks for an answer again', async () => {
    const { device, calls } = await start();
    const sent = await device.ask('message:send', { content: 'q', client_id: 'c' });
    const { id } = sent.assistant_message;
    const { seq } = await device.ended(id);
    const resume = (cursor: { attempt: number; seq: number }) =>
      device.ask('generation:resume', { message_id: id, ...cursor });
    await resume({ attempt: 0, seq: 0 });
    await resume({ attempt: 1, seq });
    await resume({ attempt: 3, seq: 2 });
    const outcomes = calls.answerResumed.map(({ outcome }) => outcome);
    expect(outcomes).to.deep.equal(['rest', 'nothing', 'anew']);
  });

  it('hears of what waits, what is stopped before it began, and which limit was met', async () => {
    const env = { GENERATIONS_PER_USER: '1', PENDING_PER_USER: '2' };
    const { app, device, calls } = await start(env);
    const held = app.upstream.next();
    await device.ask('message:send', { content: 'q', client_id: 'a' });
    await held.opened;
    const waiting = await device.ask('message:send', { content: 'q', client_id: 'b' });
    const third = await device.emit('message:send', { content: 'q', client_id: 'c' });
    expect(third).to.have.nested.property('error.code', 'rate_limited');
    await device.ask('generation:stop', { message_id: waiting.assistant_message.id });
    expect(calls.questionStored.map(({ begun }) => begun)).to.deep.equal([true, false]);
    expect(calls.limited).to.deep.equal([{ limit: 'pending' }]);
    expect(calls.answerEnded).to.deep.equal([
      { status: 'stopped', attempt: 0, ms: 0, usage: null },
    ]);
    expect(calls.eventHandled.map(({ result }) => result)).to.deep.equal([
      'ok',
      'ok',
      'rate_limited',
      'ok',
    ]);
  });

  it('hears of refused sockets, unknown events and rates that are used up', async () => {
    const { app, device, calls } = await start({ EVENTS_PER_SECOND: '1' });
    await openDevice(app.url, { token: 'wrong' }).catch(() => {});
    device.socket.emit('no:event', {});
    for (let i = 0; i < 10; i++) await device.emit('conversation:list', {});
    expect(calls.handshake).to.deep.equal([{ result: 'accepted' }, { result: 'token_invalid' }]);
    const results = calls.eventHandled.map(({ event, result }) => `${event} ${result}`);
    expect(results[0]).to.equal('unknown unknown_event');
    expect(results.at(-1)).to.equal('conversation:list rate_limited');
    expect(calls.limited).to.deep.equal([{ limit: 'event' }]);
  });

  it('hears of a model server that asks to slow down', async () => {
    const { app, device, calls } = await start();
    app.upstream.script(status(429, { headers: { 'retry-after': '0.05' } }), answer('then'));
    const sent = await device.ask('message:send', { content: 'q', client_id: 'c' });
    await device.ended(sent.assistant_message.id);
    expect(calls.modelRefused.map(({ scope }) => scope)).to.deep.equal(['model']);
  });

  it('hears of an attempt that is handed back, and of the one that is claimed after it', async () => {
    const { app, device, calls } = await start();
    const held = app.upstream.next();
    await device.ask('message:send', { content: 'q', client_id: 'c' });
    held.write('in vain');
    await device.until('message:delta');
    await app.restart();
    await eventually(
      () => calls.answerEnded.length,
      (count) => count > 0,
    );
    expect(calls.attemptHandedBack.map(({ attempt }) => attempt)).to.deep.equal([1]);
    expect(calls.attemptClaimed).to.deep.equal([
      { attempt: 1, waited: false },
      { attempt: 2, waited: true },
    ]);
    expect(calls.attemptTakenOver).to.deep.equal([]);
    expect(calls.answerEnded.map(({ attempt }) => attempt)).to.deep.equal([2]);
  });

  it('hears of an attempt that is lost, and of its takeover', async () => {
    const { app, device, calls } = await start();
    const [held, again] = [app.upstream.next(), app.upstream.next()];
    const sent = await device.ask('message:send', { content: 'q', client_id: 'c' });
    held.write('in vain');
    await device.until('message:delta');
    // This node seems frozen until another node had taken the answer and was lost.
    await app.rows(
      `UPDATE generations SET claim = gen_random_uuid(), node_id = 'gone', lease_expires_at = clock_timestamp() - interval '1 second'`,
    );
    await again.opened;
    again.write('text');
    again.finish();
    await device.ended(sent.assistant_message.id);
    expect(calls.attemptLost.map(({ attempt }) => attempt)).to.deep.equal([1]);
    expect(calls.attemptTakenOver).to.deep.equal([{ attempt: 2 }]);
    expect(calls.attemptClaimed.at(-1)).to.deep.equal({ attempt: 2, waited: true });
    expect(calls.answerEnded.map(({ attempt }) => attempt)).to.deep.equal([2]);
  });

  it('hears of events that readers may have missed', async () => {
    const redis = await startRedis();
    const keyPrefix = 'telemetry:';
    const reading = redisEngine({ url: redis.url, keyPrefix, telemetry: recorded.telemetry });
    const writing = redisEngine({ url: redis.url, keyPrefix });
    await Promise.all([reading.start(), writing.start()]);
    const key = { conversationId: 1, messageId: 2 };
    const events = await collect(reading.log, key.conversationId);
    await writing.log.begin(key, 1);
    await writing.log.append(key, { attempt: 1, seq: 1 }, 'a');
    await until(events, 1);
    expect(recorded.calls.gapFound).to.have.length(0);
    await redis.kill();
    await redis.start();
    await until(events, 2);
    expect(recorded.calls.gapFound).to.have.length(events.resyncs);
    await Promise.all([reading.stop(), writing.stop()]);
    await redis.stop();
  });

  it('hears of a reader that is too slow, of one that has caught up, and of one that is closed', async () => {
    let waiting = { packets: 513, bytes: 0 };
    class Held extends Backlog {
      override of = () => waiting;
      override isEmpty = () => false;
      override drop = () => {};
    }
    const data = { behind: [], behindSince: 0 };
    const conn = { transport: {}, close() {} };
    const socket = { id: 's', data, conn, emit() {} } as unknown as ParleySocket;
    const io = { of: () => ({ sockets: new Map([['s', socket]]) }) } as unknown as ParleyServer;
    const readers = { opened: () => [] } as unknown as RoomReaders;
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const limits = { packets: 512, bytes: 1, graceMs: 60_000 };
    const { telemetry } = recorded;
    const slow = new SlowReaders({ io, backlog: new Held(), readers, logger, telemetry }, limits);
    slow.start();
    const outcomes = () => recorded.calls.slowReader.map(({ outcome }) => outcome);
    await eventually(outcomes, (found) => found.length === 1);
    waiting = { packets: 0, bytes: 0 };
    await eventually(outcomes, (found) => found.length === 2);
    slow.stop();
    slow.close(socket);
    expect(outcomes()).to.deep.equal(['held_back', 'caught_up', 'closed']);
  });
});
