import { expect } from 'chai';
import { answer, status } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { Conversation, ConversationAnswer } from '../../../src/contract/rest.js';

describe('the answer that the list shows of a conversation', () => {
  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let asking: Device;
  /** Another device, which has opened nothing. */
  let watching: Device;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0' })));
  });
  after(() => app?.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(async () => {
    app.upstream.otherwise(answer(['Hello there.']));
    ada = await app.register(`l${Math.random().toString(36).slice(2, 10)}`);
    [asking, watching] = await Promise.all([app.device(ada), app.device(ada)]);
  });

  const listed = async (): Promise<(ConversationAnswer | null)[]> =>
    (await watching.ask('conversation:list', {})).conversations.map((item) => item.answer);
  const told = (conversation_id: number, end: string) =>
    watching.until(
      'answer:changed',
      (event) => event.conversation_id === conversation_id && event.answer?.status === end,
    );

  it('is none before the first question', async () => {
    const { conversation } = await asking.ask('conversation:create', { title: 'Empty' });
    expect(conversation.answer).to.equal(null);
    expect(await listed()).to.deep.equal([null]);
  });

  it('runs from the question on, and ends, for devices that have not opened it', async () => {
    const held = app.upstream.next();
    const sent = await asking.ask('message:send', { client_id: 'a', content: 'Hello' });
    const { id } = sent.conversation;
    const message_id = sent.assistant_message.id;
    const running = { message_id, attempt: 1, status: 'streaming' };
    expect(sent.conversation.answer).to.deep.equal(running);
    const created = await watching.until('conversation:created');
    expect(created.conversation.answer).to.deep.equal(running);
    await held.opened;
    expect(await listed()).to.deep.equal([running]);
    held.finish();
    const ended = { ...running, status: 'completed' };
    const told = await watching.until('answer:changed');
    expect(told).to.deep.equal({ conversation_id: id, answer: ended });
    expect(await listed()).to.deep.equal([ended]);
    const { body } = await app.call<Conversation>(`/agent/conversations/${id}`, ada);
    expect(body.answer).to.deep.equal(ended);
  });

  it('is the running one before those that wait, then the next', async () => {
    const first = app.upstream.next();
    const one = await asking.ask('message:send', { client_id: 'a', content: 'One' });
    await first.opened;
    const conversation_id = one.conversation.id;
    const second = app.upstream.next();
    const two = await asking.ask('message:send', {
      ...{ client_id: 'b', content: 'Two', conversation_id },
    });
    const updated = await watching.until('conversation:updated');
    expect(updated.conversation.answer?.message_id).to.equal(one.assistant_message.id);
    first.finish();
    await second.opened;
    const begun = await watching.until(
      'answer:changed',
      ({ answer: now }) =>
        now?.message_id === two.assistant_message.id && now.status === 'streaming',
    );
    expect(begun.answer?.attempt).to.equal(1);
    second.finish();
    await told(conversation_id, 'completed');
  });

  it('has failed if the model refused it, and was stopped if somebody stopped it', async () => {
    app.upstream.script(status(400));
    const sent = await asking.ask('message:send', { client_id: 'a', content: 'Hello' });
    const conversation_id = sent.conversation.id;
    await told(conversation_id, 'failed');
    expect((await listed())[0]?.status).to.equal('failed');
    const held = app.upstream.next();
    const again = await asking.ask('message:regenerate', {
      ...{ message_id: sent.assistant_message.id, client_id: 'r' },
    });
    expect(again.conversation.answer).to.deep.include({
      ...{ message_id: again.assistant_message.id, status: 'streaming' },
    });
    await held.opened;
    await asking.ask('generation:stop', { message_id: again.assistant_message.id });
    await told(conversation_id, 'stopped');
  });

  it('is the end of the branch that becomes active, and none after a note', async () => {
    const sent = await asking.ask('message:send', { client_id: 'a', content: 'Hello' });
    const message_id = sent.assistant_message.id;
    const conversation_id = sent.conversation.id;
    await told(conversation_id, 'completed');
    const edited = await asking.ask('message:edit', {
      message_id,
      client_id: 'e',
      content: 'Mine',
    });
    const { answer: mine } = edited.conversation;
    expect(mine?.status).to.equal('completed');
    expect(await listed()).to.deep.equal([mine]);
    const back = await asking.ask('message:select', { message_id });
    expect(back.conversation.answer).to.include({ message_id, status: 'completed' });
    expect(await listed()).to.deep.equal([back.conversation.answer]);
    const note = await asking.ask('message:send', {
      ...({ client_id: 'n', content: 'A note', conversation_id, answer: false } as const),
    });
    expect(note.conversation.answer).to.equal(null);
    expect(await listed()).to.deep.equal([null]);
  });

  it('is told to every member, and to nobody else', async () => {
    const bob = await app.register(`m${Math.random().toString(36).slice(2, 10)}`);
    const eve = await app.register(`e${Math.random().toString(36).slice(2, 10)}`);
    const [bobs, eves] = await Promise.all([app.device(bob), app.device(eve)]);
    const { conversation } = await asking.ask('conversation:create', { title: 'Shared' });
    await app.rows('INSERT INTO conversation_members VALUES ($1, $2, $3)', [
      ...[conversation.id, bob.id, 'viewer'],
    ]);
    const sent = await asking.ask('message:send', {
      ...{ client_id: 'a', content: 'Hello', conversation_id: conversation.id },
    });
    const heard = await bobs.until('answer:changed');
    expect(heard.answer).to.include({
      ...{ message_id: sent.assistant_message.id, status: 'completed' },
    });
    await eves.ask('conversation:list', {});
    expect(eves.all('answer:changed')).to.deep.equal([]);
  });
});
