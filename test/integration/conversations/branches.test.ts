import { expect } from 'chai';
import { answer, echo } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { Conversation, Message } from '../../../src/contract/rest.js';
import { expectNoRejections } from '../../support/rejections.js';

let keys = 0;
const key = () => `branch-${keys++}`;

describe('The branches of a conversation', () => {
  expectNoRejections();

  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let eve: Account;
  let device: Device;

  before(async () => {
    ({ app, faults } = await judged(await startApp({ LIMIT_SCALE: '0' })));
    [ada, eve] = await Promise.all([app.register('ada'), app.register('eve')]);
    device = await app.device(ada);
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(() => app.upstream.otherwise(echo()));

  /** A question and its complete answer. */
  const turn = async (content: string, conversation_id?: number) => {
    const place = conversation_id === undefined ? {} : { conversation_id };
    const sent = await device.ask('message:send', { client_id: key(), content, ...place });
    await device.ended(sent.assistant_message.id);
    return {
      id: sent.conversation.id,
      question: sent.user_message.id,
      answer: sent.assistant_message.id,
    };
  };
  const shown = async (conversation_id: number, leaf_message_id?: number) => {
    const leaf = leaf_message_id === undefined ? {} : { leaf_message_id };
    const { messages } = await device.ask('conversation:open', { conversation_id, ...leaf });
    return messages;
  };
  const texts = (messages: readonly Message[]) => messages.map(({ content }) => content);
  const refused = async (...call: Parameters<Device['emit']>) => {
    const ack = await device.emit(...call);
    return ack.ok ? 'ok' : ack.error.code;
  };
  const eventsOf = (name: Parameters<Device['all']>[0], from: number) =>
    device.received.slice(from).filter((event) => event.name === name);

  describe('after an edit', () => {
    it('have the new text as a sibling, which is active and asked', async () => {
      const { id, question, answer: first } = await turn('one');
      await turn('later', id);
      const edited = await device.ask('message:edit', {
        message_id: question,
        client_id: key(),
        content: 'uno',
      });
      expect(edited.user_message).to.include({ parent_id: null, content: 'uno', role: 'user' });
      expect(edited.user_message.sibling_ids).to.deep.equal([question, edited.user_message.id]);
      expect(edited.conversation.active_message_id).to.equal(edited.assistant_message.id);
      await device.ended(edited.assistant_message.id);
      expect(texts(await shown(id))).to.deep.equal(['uno', 'echo: uno']);
      expect(texts(await shown(id, first))).to.deep.equal(['one', 'echo: one']);
      const request = app.upstream.requests.at(-1)?.body.messages ?? [];
      expect(request.slice(1).map((m) => m.content)).to.deep.equal(['uno']);
    });

    it('give the same for the same key, and refuse it for anything else', async () => {
      const { question } = await turn('again');
      const edit = { message_id: question, client_id: key(), content: 'edited' };
      const [a, b] = await Promise.all([
        device.ask('message:edit', edit),
        device.ask('message:edit', edit),
      ]);
      expect(b.user_message.id).to.equal(a.user_message.id);
      expect(b.assistant_message.id).to.equal(a.assistant_message.id);
      await device.ended(a.assistant_message.id);
      expect(await refused('message:edit', { ...edit, content: 'other' })).to.equal('conflict');
      const send = { client_id: edit.client_id, content: 'edited' };
      expect(await refused('message:send', send)).to.equal('conflict');
      const regenerate = { message_id: a.assistant_message.id, client_id: edit.client_id };
      expect(await refused('message:regenerate', regenerate)).to.equal('conflict');
    });

    it('ask nobody when the edit says so', async () => {
      const { id, question } = await turn('quiet');
      const before = app.upstream.requests.length;
      const edited = await device.ask('message:edit', {
        message_id: question,
        client_id: key(),
        content: 'silent',
        answer: false,
      });
      expect(edited.assistant_message).to.equal(null);
      expect(edited.conversation.active_message_id).to.equal(edited.user_message.id);
      expect(texts(await shown(id))).to.deep.equal(['silent']);
      expect(app.upstream.requests).to.have.length(before);
    });

    it('have an edited answer beside the old one, and ask nobody', async () => {
      const { id, question, answer: first } = await turn('what');
      const before = app.upstream.requests.length;
      const from = device.received.length;
      const edited = await device.ask('message:edit', {
        message_id: first,
        client_id: key(),
        content: 'my own words',
      });
      expect(edited.user_message.id).to.equal(question);
      expect(edited.assistant_message).to.include({ status: 'completed', content: 'my own words' });
      expect(edited.assistant_message.sibling_ids).to.deep.equal([
        first,
        edited.assistant_message.id,
      ]);
      expect(texts(await shown(id))).to.deep.equal(['what', 'my own words']);
      expect(eventsOf('message:created', from)).to.have.length(1);
      expect(app.upstream.requests).to.have.length(before);
      await turn('go on', id);
      const request = app.upstream.requests.at(-1)?.body.messages.slice(1) ?? [];
      expect(request.map((m) => m.content)).to.deep.equal(['what', 'my own words', 'go on']);
    });

    it('refuse edits of system messages and of what belongs to others', async () => {
      const { id, question } = await turn('mine');
      const [row] = await app.rows<{ id: string }>(
        `INSERT INTO messages (conversation_id, role, content) VALUES ($1, 'system', 'be kind') RETURNING id`,
        [id],
      );
      const edit = { client_id: key(), content: 'x' };
      expect(await refused('message:edit', { ...edit, message_id: Number(row?.id) })).to.equal(
        'conflict',
      );
      const stranger = await app.device(eve);
      for (const [name, rest] of [
        ['message:edit', edit],
        ['message:regenerate', { client_id: key() }],
        ['message:continue', { client_id: key() }],
        ['message:select', {}],
        ['message:delete', {}],
      ] as const) {
        const ack = await stranger.emit(name, { message_id: question, ...rest } as never);
        expect(ack.ok ? 'ok' : ack.error.code, name).to.equal('not_found');
      }
    });
  });

  describe('with a question that waits', () => {
    it('have its text replaced in place, and ask with the new one', async () => {
      const { id } = await turn('before');
      const held = app.upstream.next();
      const running = await device.ask('message:send', {
        client_id: key(),
        content: 'running',
        conversation_id: id,
      });
      await held.opened;
      const waiting = await device.ask('message:send', {
        client_id: key(),
        content: 'wating',
        conversation_id: id,
      });
      expect(waiting.assistant_message.status).to.equal('queued');
      const edit = { message_id: waiting.user_message.id, client_id: key(), content: 'waiting' };
      const edited = await device.ask('message:edit', edit);
      expect(edited.user_message).to.include({ id: waiting.user_message.id, content: 'waiting' });
      expect(edited.assistant_message).to.include({ id: waiting.assistant_message.id });
      const { message } = await device.until(
        'message:updated',
        (event) => event.message.id === waiting.user_message.id,
      );
      expect(message.content).to.equal('waiting');
      expect((await device.ask('message:edit', edit)).user_message.id).to.equal(message.id);
      held.write('done');
      held.finish();
      await device.ended(running.assistant_message.id);
      await device.ended(waiting.assistant_message.id);
      expect(device.text(waiting.assistant_message.id)).to.equal('echo: waiting');
      expect(texts(await shown(id)).slice(2)).to.deep.equal([
        'running',
        'done',
        'waiting',
        'echo: waiting',
      ]);
    });

    it('keep it for an answer that waits to be continued, and ask with the new text beside it', async () => {
      app.upstream.script(answer('half', { finishReason: 'length' }));
      const { id, question, answer: first } = await turn('before');
      const held = app.upstream.next();
      const running = await device.ask('message:send', {
        client_id: key(),
        content: 'running',
        conversation_id: id,
      });
      await held.opened;
      const waiting = { message_id: first, client_id: key() };
      const continued = await device.ask('message:continue', waiting);
      expect(continued.assistant_message.status).to.equal('queued');
      const edit = { message_id: question, client_id: key(), content: 'after' };
      const edited = await device.ask('message:edit', edit);
      expect(edited.user_message.id).to.not.equal(question);
      app.upstream.script(answer(' and half'));
      held.finish();
      for (const id of [running.assistant_message.id, first, edited.assistant_message.id])
        await device.ended(id);
      expect(texts(await shown(id, first))).to.deep.equal(['before', 'half and half']);
    });

    it('take it back with its answer, and never ask', async () => {
      const { id, answer: leaf } = await turn('stays');
      const held = app.upstream.next();
      const running = await device.ask('message:send', {
        client_id: key(),
        content: 'runs',
        conversation_id: id,
      });
      await held.opened;
      const waiting = await device.ask('message:send', {
        client_id: key(),
        content: 'never',
        conversation_id: id,
        parent_id: leaf,
      });
      const asked = app.upstream.requests.length;
      const { message_ids } = await device.ask('message:delete', {
        message_id: waiting.user_message.id,
      });
      expect(message_ids).to.deep.equal([waiting.user_message.id, waiting.assistant_message.id]);
      held.write('ran');
      held.finish();
      await device.ended(running.assistant_message.id);
      expect(texts(await shown(id)).slice(2)).to.deep.equal(['runs', 'ran']);
      await turn('next', id);
      expect(app.upstream.requests).to.have.length(asked + 1);
    });

    it('go before all others when they are edited so, and not when they have begun', async () => {
      const { id } = await turn('queue');
      const held = app.upstream.next();
      const send = (content: string) =>
        device.ask('message:send', { client_id: key(), content, conversation_id: id });
      const running = await send('long');
      await held.opened;
      held.write('half');
      await device.until('message:delta', (d) => d.message_id === running.assistant_message.id);
      const [second, third] = [await send('second'), await send('third')];
      const hurry = { message_id: third.user_message.id, client_id: key(), interrupt: true };
      const from = device.received.length;
      const hurried = await device.ask('message:edit', { ...hurry, content: 'third' });
      expect(hurried.user_message.id).to.equal(third.user_message.id);
      const ids = [running, third, second].map(({ assistant_message }) => assistant_message.id);
      for (const each of ids) await device.ended(each);
      const ends = eventsOf('message:completed', from).map(({ payload }) =>
        'message_id' in payload ? payload.message_id : 0,
      );
      expect(ends).to.deep.equal(ids);
      expect(texts(await shown(id)).slice(2)).to.deep.equal([
        ...['long', 'half', 'second', 'echo: second', 'third', 'echo: second\n\nthird'],
      ]);
      const again = await device.ask('message:edit', { ...hurry, content: 'third' });
      expect(again.assistant_message?.id).to.equal(third.assistant_message.id);
      const late = { ...hurry, client_id: key(), content: 'third' };
      expect(await refused('message:edit', late)).to.equal('conflict');
      expect(
        await refused('message:edit', { ...hurry, content: 'third', interrupt: false }),
      ).to.equal('conflict');
    });

    it('are replaced by an interrupting edit of a question that has been asked', async () => {
      const { id, question } = await turn('asked');
      const held = app.upstream.next();
      const running = await device.ask('message:send', {
        ...{ client_id: key(), content: 'long', conversation_id: id },
      });
      await held.opened;
      const edit = { message_id: question, client_id: key(), content: 'rather', interrupt: true };
      const edited = await device.ask('message:edit', edit);
      expect(await device.ended(running.assistant_message.id)).to.include({ status: 'stopped' });
      await device.ended(edited.assistant_message.id);
      expect(texts(await shown(id))).to.deep.equal(['rather', 'echo: rather']);
    });

    it('let an interrupting one go first, and stop what runs', async () => {
      const { id } = await turn('start');
      const held = app.upstream.next();
      const send = (content: string, more = {}) =>
        device.ask('message:send', { client_id: key(), content, conversation_id: id, ...more });
      const running = await send('long');
      await held.opened;
      held.write('half');
      await device.until('message:delta', (d) => d.message_id === running.assistant_message.id);
      const waiting = await send('patient');
      const from = device.received.length;
      const urgent = await send('urgent', { interrupt: true });
      const stopped = await device.ended(running.assistant_message.id);
      expect(stopped).to.include({ status: 'stopped' });
      await device.ended(urgent.assistant_message.id);
      await device.ended(waiting.assistant_message.id);
      const ends = eventsOf('message:completed', from).map(({ payload }) =>
        'message_id' in payload ? payload.message_id : 0,
      );
      expect(ends).to.deep.equal([
        running.assistant_message.id,
        urgent.assistant_message.id,
        waiting.assistant_message.id,
      ]);
    });
  });

  describe('after another answer was asked for', () => {
    it('have both, the new one active', async () => {
      const { id, question, answer: first } = await turn('twice');
      app.upstream.script(answer(['another']));
      const again = await device.ask('message:regenerate', { message_id: first, client_id: key() });
      expect(again.assistant_message).to.include({ parent_id: question });
      expect(again.assistant_message.sibling_ids).to.deep.equal([
        first,
        again.assistant_message.id,
      ]);
      expect(again.conversation.active_message_id).to.equal(again.assistant_message.id);
      await device.ended(again.assistant_message.id);
      expect(texts(await shown(id))).to.deep.equal(['twice', 'another']);
      expect(texts(await shown(id, first))).to.deep.equal(['twice', 'echo: twice']);
    });

    it('stop one that runs first, and give the same for the same key', async () => {
      const { id } = await turn('calm');
      const held = app.upstream.next();
      const sent = await device.ask('message:send', {
        client_id: key(),
        content: 'impatient',
        conversation_id: id,
      });
      await held.opened;
      const ask = { message_id: sent.assistant_message.id, client_id: key() };
      const again = await device.ask('message:regenerate', ask);
      expect(await device.ended(sent.assistant_message.id)).to.include({ status: 'stopped' });
      expect(await device.ended(again.assistant_message.id)).to.include({ status: 'completed' });
      const repeated = await device.ask('message:regenerate', ask);
      expect(repeated.assistant_message).to.include({
        id: again.assistant_message.id,
        content: 'echo: impatient',
      });
    });

    it('refuse it for a question', async () => {
      const { question } = await turn('a question');
      const ask = { message_id: question, client_id: key() };
      expect(await refused('message:regenerate', ask)).to.equal('conflict');
    });
  });

  describe('with an answer that goes on', () => {
    const stopped = async (text: string) => {
      const held = app.upstream.next();
      const sent = await device.ask('message:send', { client_id: key(), content: 'count' });
      await held.opened;
      held.write(text);
      await device.until('message:delta', (d) => d.message_id === sent.assistant_message.id);
      await device.ask('generation:stop', { message_id: sent.assistant_message.id });
      await device.ended(sent.assistant_message.id);
      return { id: sent.conversation.id, answer: sent.assistant_message.id };
    };

    it('keep its text as the first delta of the next attempt', async () => {
      const { id, answer: one } = await stopped('one, two');
      app.upstream.script(answer([', three', ', four']));
      const ask = { message_id: one, client_id: key() };
      const { assistant_message } = await device.ask('message:continue', ask);
      expect(assistant_message).to.include({ id: one });
      expect(['queued', 'streaming']).to.include(assistant_message.status);
      const end = await device.until(
        'message:completed',
        (e) => e.message_id === one && e.attempt === 2,
      );
      expect(end).to.include({ status: 'completed', finish_reason: 'stop' });
      expect(device.text(one, 2)).to.equal('one, two, three, four');
      const first = device
        .all('message:delta')
        .find((d) => d.message_id === one && d.attempt === 2);
      expect(first).to.include({ seq: 1, text: 'one, two' });
      expect(texts(await shown(id))).to.deep.equal(['count', 'one, two, three, four']);
      const request = app.upstream.requests.at(-1)?.body.messages.slice(1) ?? [];
      expect(request.map(({ role }) => role)).to.deep.equal(['user', 'assistant', 'user']);
      expect(request[1]?.content).to.equal('one, two');
      expect((await device.ask('message:continue', ask)).assistant_message.content).to.equal(
        'one, two, three, four',
      );
    });

    it('keep its text whatever ends the next attempt', async () => {
      const { id, answer: one } = await stopped('kept');
      const held = app.upstream.next();
      await device.ask('message:continue', { message_id: one, client_id: key() });
      await held.opened;
      await device.ask('generation:stop', { message_id: one });
      await device.until('message:completed', (e) => e.message_id === one && e.attempt === 2);
      expect(texts(await shown(id))).to.deep.equal(['count', 'kept']);
      app.upstream.script((response) => void response.writeHead(400).end('{}'));
      await device.ask('message:continue', { message_id: one, client_id: key() });
      await device.until('message:completed', (e) => e.message_id === one && e.attempt === 3);
      const [, last] = await shown(id);
      expect(last).to.include({ status: 'interrupted', content: 'kept' });
      expect(last?.error).to.include({ code: 'provider_error' });
    });

    it('are told to wait for that attempt, and keep their text when they are stopped then', async () => {
      const { id, answer: one } = await stopped('waiting text');
      const held = app.upstream.next();
      const other = await device.ask('message:send', {
        client_id: key(),
        content: 'meanwhile',
        conversation_id: id,
      });
      await held.opened;
      const ask = { message_id: one, client_id: key() };
      const { assistant_message } = await device.ask('message:continue', ask);
      expect(assistant_message).to.include({ status: 'queued', attempt: 2, seq: 0, content: '' });
      const status = await device.until(
        'message:status',
        (s) => s.message_id === one && s.attempt === 2,
      );
      expect(status).to.include({ status: 'queued', position: 1 });
      const { live } = await device.ask('conversation:open', { conversation_id: id });
      expect(live.find((entry) => entry.message_id === one)).to.include({ status: 'queued' });
      const stopping = device.ask('generation:stop', { message_id: one });
      await device.ask('generation:stop', { message_id: other.assistant_message.id });
      await stopping;
      const end = await device.until(
        'message:completed',
        (e) => e.message_id === one && e.attempt === 2,
      );
      expect(end).to.include({ status: 'stopped' });
      expect(texts(await shown(id, one))).to.deep.equal(['count', 'waiting text']);
    });

    it('go on only where they were cut', async () => {
      const { answer: whole, question } = await turn('whole');
      for (const message_id of [whole, question]) {
        expect(await refused('message:continue', { message_id, client_id: key() })).to.equal(
          'conflict',
        );
      }
      app.upstream.script(answer(['cut'], { finishReason: 'length' }));
      const cut = await turn('cut');
      app.upstream.script(answer([' on']));
      await device.ask('message:continue', { message_id: cut.answer, client_id: key() });
      await device.until(
        'message:completed',
        (e) => e.message_id === cut.answer && e.attempt === 2,
      );
      expect(texts(await shown(cut.id))).to.deep.equal(['cut', 'cut on']);
    });
  });

  describe('when one is selected', () => {
    it('become active down to their newest leaf, for everybody', async () => {
      const { id, question, answer: first } = await turn('root');
      await turn('below', id);
      const edited = await device.ask('message:edit', {
        message_id: question,
        client_id: key(),
        content: 'other root',
      });
      await device.ended(edited.assistant_message.id);
      const other = await app.device(ada);
      const selected = await device.ask('message:select', { message_id: first });
      expect(texts(selected.messages)).to.deep.equal([
        'root',
        'echo: root',
        'below',
        'echo: below',
      ]);
      expect(selected.has_more).to.equal(false);
      const told = await other.until('conversation:updated', (e) => e.conversation.id === id);
      expect(told.conversation.active_message_id).to.equal(selected.messages.at(-1)?.id);
      expect(texts(await shown(id))).to.have.length(4);
    });

    it('can be looked at without it', async () => {
      const { id, question, answer: first } = await turn('look');
      const edited = await device.ask('message:edit', {
        message_id: question,
        client_id: key(),
        content: 'elsewhere',
      });
      await device.ended(edited.assistant_message.id);
      const page = await app.call<Message[]>(
        `/agent/conversations/${id}/messages?leaf_message_id=${first}`,
        { token: ada.token },
      );
      expect(texts(page.body)).to.deep.equal(['look', 'echo: look']);
      const { body } = await app.call<Conversation>(`/agent/conversations/${id}`, {
        token: ada.token,
      });
      expect(body.active_message_id).to.equal(edited.assistant_message.id);
      const foreign = await turn('foreign');
      const open = { conversation_id: id, leaf_message_id: foreign.answer };
      expect(await refused('conversation:open', open)).to.equal('not_found');
      const path = `/agent/conversations/${id}/messages?leaf_message_id=${foreign.answer}`;
      expect((await app.call(path, { token: ada.token })).status).to.equal(404);
    });
  });

  describe('when one is deleted', () => {
    it('fall to the sibling before it, then to the one after it, then to the parent', async () => {
      const { id, answer: first } = await turn('siblings');
      const regenerate = async () => {
        const { assistant_message } = await device.ask('message:regenerate', {
          message_id: first,
          client_id: key(),
        });
        await device.ended(assistant_message.id);
        return assistant_message.id;
      };
      const [second, third] = [await regenerate(), await regenerate()];
      const remove = async (message_id: number) => {
        await device.ask('message:delete', { message_id });
        const { conversation } = await device.ask('conversation:open', { conversation_id: id });
        return conversation.active_message_id;
      };
      expect(await remove(third)).to.equal(second);
      await device.ask('message:select', { message_id: first });
      expect(await remove(first)).to.equal(second);
      const [question] = await shown(id);
      expect(await remove(second)).to.equal(question?.id);
      expect(await remove(question?.id ?? 0)).to.equal(null);
      expect(await shown(id)).to.deep.equal([]);
      expect(texts(await shown((await turn('new', id)).id))).to.deep.equal(['new', 'echo: new']);
    });

    it('lose all below it, for all readers, and what runs there ends first', async () => {
      const { id, question, answer: leaf } = await turn('top');
      const held = app.upstream.next();
      const sent = await device.ask('message:send', {
        client_id: key(),
        content: 'under',
        conversation_id: id,
      });
      await held.opened;
      held.write('some');
      await device.until('message:delta', (d) => d.message_id === sent.assistant_message.id);
      const from = device.received.length;
      const { message_ids } = await device.ask('message:delete', { message_id: question });
      const all = [question, leaf, sent.user_message.id, sent.assistant_message.id];
      expect(message_ids).to.deep.equal(all);
      const told = await device.until('message:deleted', (e) => e.conversation_id === id);
      expect(told.message_ids).to.deep.equal(all);
      const names = device.received.slice(from).map(({ name }) => name);
      expect(names.indexOf('message:completed')).to.be.within(0, names.indexOf('message:deleted'));
      const opened = await device.ask('conversation:open', {
        conversation_id: id,
        cursors: [{ message_id: sent.assistant_message.id, attempt: 1, seq: 0 }],
      });
      expect(opened.messages).to.deep.equal([]);
      expect(opened.live).to.deep.equal([]);
      for (const message_id of all) {
        const resume = { message_id, attempt: 0, seq: 0 };
        expect(await refused('generation:resume', resume)).to.equal('not_found');
      }
      const { body } = await app.call<{ day: { tokens: number } }>('/users/me/usage', {
        token: ada.token,
      });
      expect(body.day.tokens).to.be.above(0);
    });

    it('are erased from the database, and not twice deleted', async () => {
      const { id, question } = await turn('gone');
      await device.ask('message:delete', { message_id: question });
      expect(await refused('message:delete', { message_id: question })).to.equal('not_found');
      let left = 1;
      while (left > 0) {
        const rows = await app.rows('SELECT id FROM messages WHERE conversation_id = $1', [id]);
        left = rows.length;
      }
    });

    it('do not come back when a device repeats its call after they were erased', async () => {
      const { id, question, answer: leaf } = await turn('stays');
      const send = { client_id: key(), content: 'gone', conversation_id: id };
      const edit = { client_id: key(), content: 'edited', message_id: question };
      const again = { client_id: key(), message_id: leaf };
      const sent = await device.ask('message:send', send);
      const edited = await device.ask('message:edit', edit);
      const other = await device.ask('message:regenerate', again);
      const gone = [sent.user_message.id, edited.user_message.id, other.assistant_message.id];
      for (const message_id of gone) await device.ask('message:delete', { message_id });
      const left = () => app.rows('SELECT id FROM messages WHERE id = ANY($1)', [gone]);
      while ((await left()).length > 0);
      expect(await refused('message:send', send)).to.equal('not_found');
      expect(await refused('message:edit', edit)).to.equal('not_found');
      expect(await refused('message:regenerate', again)).to.equal('not_found');
      const rows = await app.rows('SELECT id FROM messages WHERE conversation_id = $1', [id]);
      expect(rows).to.have.length(2);
    });

    it('do not bring a conversation back that they had begun', async () => {
      const send = { client_id: key(), content: 'hello' };
      const { conversation, assistant_message } = await device.ask('message:send', send);
      await device.ended(assistant_message.id);
      await device.ask('conversation:delete', { conversation_id: conversation.id });
      const past = `UPDATE conversations SET deleted_at = deleted_at - interval '5 minutes' WHERE id = $1`;
      await app.rows(past, [conversation.id]);
      // The next deletion has it erased.
      await device.ask('message:delete', { message_id: (await turn('other')).question });
      const left = () => app.rows('SELECT id FROM conversations WHERE id = $1', [conversation.id]);
      while ((await left()).length > 0);
      expect(await refused('message:send', send)).to.equal('not_found');
    });
  });

  it('are served by REST alike', async () => {
    const { id, question, answer: first } = await turn('rest');
    const call = <T>(path: string, body: object, method = 'POST') =>
      app.call<T>(`/agent/messages/${path}`, { token: ada.token, method, body });
    type Sent = { user_message: Message; assistant_message: Message };
    const edited = await call<Sent>(`${question}/edit`, { client_id: key(), content: 'by rest' });
    expect(edited.status).to.equal(202);
    await device.ended(edited.body.assistant_message.id);
    const again = await call<Sent>(`${first}/regenerate`, { client_id: key() });
    expect(again.status).to.equal(202);
    await device.ended(again.body.assistant_message.id);
    expect((await call(`${first}/continue`, { client_id: key() })).status).to.equal(409);
    const selected = await call<{ messages: Message[] }>(`${first}/select`, {});
    expect(selected.status).to.equal(200);
    expect(texts(selected.body.messages)).to.deep.equal(['rest', 'echo: rest']);
    const removed = await call<{ message_ids: number[] }>(`${question}`, {}, 'DELETE');
    expect(removed.status).to.equal(200);
    expect(removed.body.message_ids).to.deep.equal([
      question,
      first,
      again.body.assistant_message.id,
    ]);
    expect(texts(await shown(id))).to.deep.equal(['by rest', 'echo: by rest']);
  });

  it('begin with what nobody is asked for, and ask with all of it later', async () => {
    const noted = await device.ask('message:send', {
      client_id: key(),
      content: 'a note',
      answer: false,
    });
    expect(noted.assistant_message).to.equal(null);
    await turn('a question', noted.conversation.id);
    const request = app.upstream.requests.at(-1)?.body.messages.slice(1) ?? [];
    expect(request.map((m) => m.content)).to.deep.equal(['a note\n\na question']);
  });
});
