import { expect } from 'chai';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import type { ChatResponse, Conversation } from '../../../src/contract/rest.js';

describe('A conversation in which the model answers when it is mentioned', () => {
  let app: TestApp;
  let ada: Account;
  let device: Device;
  let other: Device;
  let id: number;
  let keys = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    device = await app.device(ada);
    other = await app.device(ada);
  });
  after(() => app?.stop());
  beforeEach(async () => {
    const { conversation } = await device.ask('conversation:create', { title: 'Talk' });
    id = conversation.id;
    const mode = { conversation_id: id, reply_mode: 'mention' } as const;
    await device.ask('conversation:update', mode);
  });

  const key = () => `m${++keys}`;
  const send = (content: string, more: object = {}) =>
    device.ask('message:send', { conversation_id: id, client_id: key(), content, ...more });

  it('says so on every device and in the list, and can be changed back', async () => {
    const said = await other.until(
      'conversation:updated',
      ({ conversation }) => conversation.id === id,
    );
    expect(said.conversation.reply_mode).to.equal('mention');
    const { conversations } = await device.ask('conversation:list', {});
    expect(conversations.find((each) => each.id === id)?.reply_mode).to.equal('mention');
    const path = `/agent/conversations/${id}`;
    const patch = { method: 'PATCH', token: ada.token };
    const refused = await app.call(path, { ...patch, body: { reply_mode: 'never' } });
    expect(refused.body.code).to.equal('validation_failed');
    const changed = await app.call<Conversation>(path, {
      ...patch,
      body: { reply_mode: 'always' },
    });
    expect(changed.body.reply_mode).to.equal('always');
    const { assistant_message } = await send('hello');
    await device.ended(assistant_message?.id ?? 0);
  });

  it('asks nobody without a mention, and gives a repeated call the same reply', async () => {
    const asked = app.upstream.requests.length;
    const call = { conversation_id: id, client_id: key(), content: 'see me@ai.example' };
    const first = await device.ask('message:send', call);
    expect(first.assistant_message).to.equal(null);
    const again = await device.ask('message:send', call);
    expect(again.assistant_message).to.equal(null);
    expect(again.user_message.id).to.equal(first.user_message.id);
    const edit = { message_id: first.user_message.id, client_id: key(), content: 'changed' };
    expect((await device.ask('message:edit', edit)).assistant_message).to.equal(null);
    expect(app.upstream.requests).to.have.length(asked);
  });

  it('gives a repeated call the same reply in another mode, too', async () => {
    const call = { conversation_id: id, client_id: key(), content: 'to people' };
    const first = await device.ask('message:send', call);
    await device.ask('conversation:update', { conversation_id: id, reply_mode: 'always' });
    const again = await device.ask('message:send', call);
    expect(again.user_message).to.deep.equal(first.user_message);
    expect(again.assistant_message).to.equal(null);
    const other = await device.emit('message:send', { ...call, answer: true });
    expect(other).to.have.nested.property('error.code', 'not_found');
  });

  it('asks with a mention, with answer: true, and for every other way of asking', async () => {
    const texts: string[] = [];
    const follow = async (messageId: number | undefined) => {
      const { status } = await device.ended(messageId ?? 0);
      texts.push(status);
    };
    const mentioned = await send('@AI hello');
    await follow(mentioned.assistant_message?.id);
    await follow((await send('and this?', { answer: true })).assistant_message?.id);
    const edit = { message_id: mentioned.user_message.id, client_id: key(), content: 'hi @ai' };
    const edited = await device.ask('message:edit', edit);
    await follow(edited.assistant_message?.id);
    const again = { message_id: edited.assistant_message?.id ?? 0, client_id: key() };
    await follow((await device.ask('message:regenerate', again)).assistant_message.id);
    const body = { conversation_id: id, message: 'a program asks' };
    const chat = await app.call<ChatResponse>('/agent/chat', {
      method: 'POST',
      token: ada.token,
      body,
    });
    texts.push(chat.body.status);
    expect(texts).to.deep.equal(Array(5).fill('completed'));
  });
});
