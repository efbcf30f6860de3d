import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { answer, echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { matchesReceipt } from '../../../src/client/conversation/receipt.js';
import type { Message } from '../../../src/contract/rest.js';
import { expectNoRejections } from '../../support/rejections.js';

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

let keys = 0;
const key = () => `receipt-${keys++}`;

describe('The receipt of a text', () => {
  expectNoRejections();

  let app: TestApp;
  let ada: Account;
  let device: Device;
  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    ada = await app.register('ada');
    device = await app.device(ada);
  });
  after(() => app.stop());
  beforeEach(() => app.upstream.otherwise(echo()));

  const ask = (content: string) => device.ask('message:send', { client_id: key(), content });
  const shown = async (conversation_id: number) =>
    (await device.ask('conversation:open', { conversation_id })).messages;
  const receipts = (messages: readonly Message[]) => messages.map(({ sha256 }) => sha256);
  const digests = (messages: readonly Message[]) => messages.map(({ content }) => digest(content));

  it('is the digest of what was streamed, whatever its pieces', async () => {
    app.upstream.script(answer(['Gr', 'üße', ' 👩‍👩‍👧', '\ud83d', '\udc4b', '你好']));
    const sent = await ask('grüß 你');
    expect(sent.user_message.sha256).to.equal(digest('grüß 你'));
    expect(sent.assistant_message.sha256).to.equal(null);
    const end = await device.ended(sent.assistant_message.id);
    expect(end.sha256).to.equal(digest('Grüße 👩‍👩‍👧👋你好'));
    const messages = await shown(sent.conversation.id);
    expect(receipts(messages)).to.deep.equal(digests(messages));
    expect(messages[1]?.sha256).to.equal(end.sha256);
    const { id } = sent.conversation;
    const page = await app.call<Message[]>(`/agent/conversations/${id}/messages`, {
      token: ada.token,
    });
    expect(receipts(page.body)).to.deep.equal(digests(messages));
  });

  it('covers the text of the attempt before, where an answer goes on', async () => {
    const held = app.upstream.next();
    const sent = await ask('count');
    const { id } = sent.assistant_message;
    await held.opened;
    held.write('one, ');
    await device.until('message:delta', (delta) => delta.message_id === id);
    expect((await shown(sent.conversation.id))[1]?.sha256).to.equal(null);
    await device.ask('generation:stop', { message_id: id });
    expect((await device.ended(id)).sha256).to.equal(digest('one, '));
    app.upstream.script(answer(['two']));
    const goesOn = await device.ask('message:continue', { message_id: id, client_id: key() });
    expect(goesOn.assistant_message.sha256).to.equal(null);
    const end = await device.until('message:completed', (e) => e.attempt === 2);
    expect(end.sha256).to.equal(digest('one, two'));
    expect((await shown(sent.conversation.id))[1]?.sha256).to.equal(digest('one, two'));
  });

  it('is that of an empty text, where the model failed', async () => {
    app.upstream.script((response) => void response.writeHead(400).end('{}'));
    const sent = await ask('fail');
    expect((await device.ended(sent.assistant_message.id)).sha256).to.equal(digest(''));
    expect((await shown(sent.conversation.id))[1]?.sha256).to.equal(digest(''));
  });

  it('is that of the new text after an edit in place, and of a text that nobody answers', async () => {
    const held = app.upstream.next();
    const first = await ask('first');
    await held.opened;
    const { id } = first.conversation;
    const queued = await device.ask('message:send', {
      ...{ conversation_id: id, client_id: key(), content: 'second' },
    });
    const edited = await device.ask('message:edit', {
      ...{ message_id: queued.user_message.id, client_id: key(), content: 'deuxième' },
    });
    expect(edited.user_message).to.include({ content: 'deuxième', sha256: digest('deuxième') });
    held.finish();
    await device.ended(queued.assistant_message.id);
    const alone = await device.ask('message:send', {
      ...{ conversation_id: id, client_id: key(), content: 'alone', answer: false as const },
    });
    expect(alone.user_message.sha256).to.equal(digest('alone'));
    const messages = await shown(id);
    expect(receipts(messages)).to.deep.equal(digests(messages));
  });

  it('is never that of another text, though an earlier release wrote it', async () => {
    const sent = await ask('old');
    await device.ended(sent.assistant_message.id);
    const write = (set: string) =>
      app.rows(`UPDATE messages SET ${set} WHERE id = $1`, [sent.assistant_message.id]);
    await write(`content = 'changed by who knows no receipt'`);
    const changed = await shown(sent.conversation.id);
    expect(receipts(changed)).to.deep.equal(digests(changed));
    await write('sha256 = NULL');
    const unknown = await shown(sent.conversation.id);
    expect(receipts(unknown)).to.deep.equal(digests(changed));
  });

  it('can be checked by a client, as far as there is one', async () => {
    const content = 'Grüße 👋';
    expect(await matchesReceipt({ content, sha256: digest(content) })).to.equal(true);
    expect(await matchesReceipt({ content: 'Grüße', sha256: digest(content) })).to.equal(false);
    expect(await matchesReceipt({ content, sha256: null })).to.equal(null);
  });
});
