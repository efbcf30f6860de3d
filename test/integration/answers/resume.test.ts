import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import {
  type AnswerText,
  applyDelta,
  applyLive,
  emptyAnswer,
} from '../../../src/contract/answer-text.js';
import type { LiveText } from '../../../src/contract/events.js';
import type { Message } from '../../../src/contract/rest.js';

const PIECES = ['你好，', '世界 👩‍👩‍👧', ' — and ', '𝒳 again', ' to the ', 'end.'];
const TEXT = PIECES.join('');
let clientIds = 0;

/** Applies the client's rules to what a device got: first its opening or resume, then the deltas. */
function read(device: Device, messageId: number, live?: LiveText, before?: AnswerText): string {
  let answer = before ?? emptyAnswer();
  if (live) answer = applyLive(answer, live).answer;
  for (const delta of device.all('message:delta')) {
    if (delta.message_id === messageId) answer = applyDelta(answer, delta).answer;
  }
  return answer.text;
}

describe('an answer in progress', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp();
    ada = await app.register('ada');
  });
  after(() => app.stop());

  /** An answer whose first two pieces have reached the sender. */
  const begin = async () => {
    const held = app.upstream.next();
    const device = await app.device(ada);
    const client_id = `resume-${clientIds++}`;
    const sent = await device.ask('message:send', { client_id, content: 'go' });
    const message_id = sent.assistant_message.id;
    held.write(...PIECES.slice(0, 2));
    await device.until(
      'message:delta',
      (d) => d.message_id === message_id && d.text.endsWith('👧'),
    );
    return { held, device, message_id, conversation_id: sent.conversation.id };
  };

  const stored = async (conversationId: number) => {
    const path = `/agent/conversations/${conversationId}/messages`;
    const { body } = await app.call<Message[]>(path, { token: ada.token });
    return body.at(-1);
  };

  it('is whole for a client that went away and comes back with its cursor', async () => {
    const { held, device, message_id, conversation_id } = await begin();
    const seq = device.all('message:delta').at(-1)?.seq ?? 0;
    const had = device.text(message_id);
    device.close();
    held.write(...PIECES.slice(2, 4));
    const back = await app.device(ada);
    const cursors = [{ message_id, attempt: 1, seq }];
    const opened = await back.ask('conversation:open', { conversation_id, cursors });
    const live = opened.live.find((l) => l.message_id === message_id);
    expect(live).to.include({ attempt: 1, from_seq: seq, status: 'streaming' });
    held.write(...PIECES.slice(4));
    held.finish();
    const end = await back.ended(message_id);
    const before = { ...emptyAnswer('streaming'), attempt: 1, seq, text: had };
    expect(read(back, message_id, live, before)).to.equal(TEXT);
    expect(end.bytes).to.equal(Buffer.byteLength(TEXT));
    expect(await stored(conversation_id)).to.include({ content: TEXT, seq: end.seq });
  });

  it('is whole for a client that opens the conversation for the first time, beside another', async () => {
    const { held, device, message_id, conversation_id } = await begin();
    const late = await app.device(ada);
    const opened = await late.ask('conversation:open', { conversation_id });
    expect(opened.messages.at(-1)).to.include({ id: message_id, content: '', status: 'streaming' });
    held.write(...PIECES.slice(2));
    held.finish();
    await Promise.all([late.ended(message_id), device.ended(message_id)]);
    expect(read(late, message_id, opened.live[0])).to.equal(TEXT);
    expect(device.text(message_id)).to.equal(TEXT);
  });

  it('comes with its full content when it ended while the client was away', async () => {
    const { held, device, message_id, conversation_id } = await begin();
    const watcher = await app.device(ada);
    await watcher.ask('conversation:open', { conversation_id });
    device.close();
    held.write(...PIECES.slice(2));
    held.finish();
    await watcher.ended(message_id);
    const back = await app.device(ada);
    const cursors = [{ message_id, attempt: 1, seq: 1 }];
    const opened = await back.ask('conversation:open', { conversation_id, cursors, limit: 1 });
    expect(opened.live).to.deep.equal([]);
    const message = opened.messages.find((m) => m.id === message_id);
    expect(message).to.include({ status: 'completed', content: TEXT });
  });

  it('answers generation:resume with just what a cursor lacks', async () => {
    const { held, device, message_id } = await begin();
    const last = device.all('message:delta').at(-1)?.seq ?? 0;
    const resume = (attempt: number, seq: number) =>
      device.ask('generation:resume', { message_id, attempt, seq });
    const had = PIECES.slice(0, 2).join('');
    const whole = { attempt: 1, from_seq: 0, seq: last, text: had, status: 'streaming' };
    expect(await resume(0, 0)).to.deep.equal(whole);
    expect(await resume(7, 3)).to.deep.equal(whole);
    expect(await resume(1, last)).to.include({ from_seq: last, seq: last, text: '' });
    expect(await resume(1, last + 5)).to.include({ from_seq: last + 5, seq: last + 5, text: '' });
    held.finish();
    await device.ended(message_id);
    expect(await resume(0, 0)).to.include({ from_seq: 0, text: had, status: 'completed' });
  });

  it('stops from another device, keeps what had arrived, and the next message works', async () => {
    const { held, device, message_id, conversation_id } = await begin();
    const other = await app.device(ada);
    // The reply does not wait for the end for ever.
    const { status } = await other.ask('generation:stop', { message_id });
    expect(status).to.be.oneOf(['stopped', 'streaming']);
    const end = await device.ended(message_id);
    expect(end).to.include({ status: 'stopped', error: null });
    await held.closed;
    const text = PIECES.slice(0, 2).join('');
    expect(device.text(message_id)).to.equal(text);
    expect(await stored(conversation_id)).to.include({ content: text, status: 'stopped' });
    expect(await other.ask('generation:stop', { message_id })).to.deep.equal({ status: 'stopped' });
    const next = await device.ask('message:send', {
      client_id: `resume-${clientIds++}`,
      content: 'next',
      conversation_id,
    });
    expect(await device.ended(next.assistant_message.id)).to.include({ status: 'completed' });
  });

  it('stops while it waits in the queue, without ever asking the model', async () => {
    const { held, device, message_id, conversation_id } = await begin();
    const asked = app.upstream.requests.length;
    const queued = await device.ask('message:send', {
      client_id: `resume-${clientIds++}`,
      content: 'b',
      conversation_id,
    });
    const id = queued.assistant_message.id;
    expect(await device.ask('generation:stop', { message_id: id })).to.deep.equal({
      status: 'stopped',
    });
    expect(await device.ended(id)).to.include({ status: 'stopped', seq: 0, bytes: 0, attempt: 0 });
    held.finish();
    await device.ended(message_id);
    expect(app.upstream.requests.length).to.equal(asked);
  });

  it('survives a restart of its node: handed back, generated again, nothing acknowledged missing', async () => {
    const { message_id, conversation_id } = await begin();
    const again = app.upstream.next();
    await app.restart();
    await again.opened;
    const device = await app.device(ada);
    const cursors = [{ message_id, attempt: 1, seq: 2 }];
    await device.ask('conversation:open', { conversation_id, cursors });
    again.write(...PIECES);
    again.finish();
    const end = await device.ended(message_id);
    expect(end).to.include({ attempt: 2, status: 'completed' });
    expect(device.text(message_id, 2)).to.equal(TEXT);
    const messages = await app.call<Message[]>(`/agent/conversations/${conversation_id}/messages`, {
      token: ada.token,
    });
    expect(messages.body.map((m) => m.content)).to.deep.equal(['go', TEXT]);
  });

  it('goes on when its conversation is deleted under it, by ending quietly', async () => {
    const { held, device, conversation_id } = await begin();
    await device.ask('conversation:delete', { conversation_id });
    await held.closed;
    const ack = await device.emit('conversation:open', { conversation_id });
    expect(ack.ok ? 'ok' : ack.error.code).to.equal('not_found');
  });
});
