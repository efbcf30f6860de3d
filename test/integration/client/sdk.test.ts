import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import {
  type ConversationState,
  createClient,
  type ListState,
  type ParleyClient,
} from '../../../src/client/index.js';
import type { Acked } from '../../../src/contract/events.js';
import type { ImportReport } from '../../../src/contract/imports.js';
import { simple } from '../../support/foreign-files.js';

const SECRET_KEY = 'a-secret-for-tests-that-is-long-enough-1';
const PIECES = ['Grüße ', '你好 ', '👩‍🚀 ', 'x'.repeat(500), ' 再见 ', 'end.'];
const WHOLE = PIECES.join('');

interface Source<T> {
  subscribe(listener: (value: T) => void): () => void;
}

/** Resolves to the first value that fits, now or later. mocha's time-out is the deadline. */
function until<T>(now: T, source: Source<T>, fits: (value: T) => boolean): Promise<T> {
  if (fits(now)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const unsubscribe = source.subscribe((value) => {
      if (!fits(value)) return;
      unsubscribe();
      resolve(value);
    });
  });
}

const lastText = ({ messages }: ConversationState): string => messages.at(-1)?.content ?? '';
const ended = ({ messages }: ConversationState): boolean => messages.at(-1)?.status === 'completed';

/** Whether the ack of such a message has an answer in any case. */
type IsSure<P> = null extends Acked<'message:send', P>['assistant_message'] ? false : true;

describe('the SDK outside a browser', () => {
  let app: TestApp;
  let account: Account;
  let serial = 0;
  const clients: ParleyClient[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0', SECRET_KEY });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    account = await app.register(`sdk${serial}`);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  const connect = (options: { token?: string; refresh?: () => Promise<string> } = {}) => {
    const backoff = { minMs: 20, maxMs: 100 };
    const client = createClient({ url: app.url, token: account.token, backoff, ...options });
    clients.push(client);
    return client;
  };
  const online = (client: ParleyClient) =>
    until(client.connection.status, client.connection, ({ state }) => state === 'online');

  it('streams an answer to every device, character for character', async () => {
    const [phone, laptop] = [connect(), connect()];
    const answer = app.upstream.next();
    const { conversation } = await phone.send({ content: 'Hi' });
    const stores = [phone, laptop].map((client) => client.open(conversation.id));
    answer.write(...PIECES);
    answer.finish();
    for (const store of stores) {
      const state = await until(store.state, store, ended);
      expect(lastText(state)).to.equal(WHOLE);
      expect(state.messages.at(-1)).to.include({ finish_reason: 'stop', error: null });
    }
  });

  it('goes on after the node was restarted in mid-answer, and sends what was written meanwhile', async () => {
    const client = connect();
    const first = app.upstream.next();
    const { conversation } = await client.send({ content: 'Hi' });
    const store = client.open(conversation.id);
    first.write('half');
    await until(store.state, store, (state) => lastText(state) === 'half');
    const second = app.upstream.next();
    const restarted = app.restart();
    await until(client.connection.status, client.connection, ({ state }) => state !== 'online');
    const sent = client.send({ content: 'Next', conversation_id: conversation.id });
    await restarted;
    second.write(...PIECES);
    second.finish();
    const { user_message } = await sent;
    const state = await until(store.state, store, (now) => now.messages.length === 4 && ended(now));
    expect(state.messages.map(({ content }) => content)).to.deep.equal([
      'Hi',
      WHOLE,
      'Next',
      'Hello there.',
    ]);
    expect(state.messages[1]?.attempt).to.equal(2);
    expect(user_message.parent_id).to.equal(state.messages[1]?.id);
  });

  it('gets a new token when the old one is refused, and ends when there is none', async () => {
    const renewed = connect({ token: 'stale', refresh: async () => account.token });
    await online(renewed);
    const hopeless = connect({ token: 'stale' });
    const { connection } = hopeless;
    const status = await until(connection.status, connection, ({ state }) => state === 'ended');
    expect(status.code).to.equal('token_expired');
  });

  it('ends when its session is revoked', async () => {
    const client = connect();
    await online(client);
    const body = { refresh_token: account.refreshToken };
    await app.call('/auth/logout', { body });
    const { connection } = client;
    const status = await until(connection.status, connection, ({ state }) => state === 'ended');
    expect(status.code).to.equal('session_revoked');
  });

  it('follows the list of conversations across devices', async () => {
    const [phone, laptop] = [connect(), connect()];
    await until(laptop.list.state, laptop.list, ({ loaded }) => loaded);
    await online(phone);
    const { conversation } = await phone.create({ title: 'Shared' });
    const titled = (title: string) =>
      until(
        laptop.list.state,
        laptop.list,
        ({ conversations }) => conversations[0]?.title === title,
      );
    await titled('Shared');
    await phone.update(conversation.id, { title: 'Renamed' });
    await titled('Renamed');
    const store = laptop.open(conversation.id);
    await phone.delete(conversation.id);
    await until(laptop.list.state, laptop.list, ({ conversations }) => conversations.length === 0);
    await until(store.state, store, ({ phase }) => phase === 'gone');
    await phone.restore(conversation.id);
    await titled('Renamed');
    await until(store.state, store, ({ phase }) => phase === 'open');
  });

  it('keeps the lists of each filter, with marks of other devices', async () => {
    const [phone, laptop] = [connect(), connect()];
    await Promise.all([online(phone), online(laptop)]);
    const { conversation } = await phone.create({ title: 'Kept' });
    const has = ({ conversations }: ListState) =>
      conversations.some(({ id }) => id === conversation.id);
    await phone.update(conversation.id, { pinned: true });
    await until(laptop.pinned.state, laptop.pinned, has);
    expect(laptop.archived.state.loaded).to.equal(false);
    laptop.archived.show();
    await until(laptop.archived.state, laptop.archived, ({ loaded }) => loaded);
    await phone.update(conversation.id, { archived: true });
    await until(laptop.archived.state, laptop.archived, has);
    for (const list of [laptop.list, laptop.pinned]) expect(has(list.state)).to.equal(false);
  });

  it('tells what was read', async () => {
    const client = connect();
    const { conversation, assistant_message } = await client.send({ content: 'Hi' });
    expect(conversation.unread_count).to.equal(1);
    await client.read(conversation.id, assistant_message.id);
    const isRead = ({ conversations }: ListState) =>
      conversations.some((one) => one.id === conversation.id && one.unread_count === 0);
    await until(client.list.state, client.list, isRead);
  });

  it('knows when nobody was asked, also by its types', async () => {
    const client = connect();
    const { conversation, assistant_message } = await client.send({ content: 'Hi' });
    expect(assistant_message.status).to.be.a('string');
    await client.update(conversation.id, { reply_mode: 'mention' });
    const id = conversation.id;
    const said = await client.send({ conversation_id: id, content: 'Only a note' });
    expect(said.assistant_message?.id).to.equal(undefined);
    const asked = await client.send({ conversation_id: id, content: 'Well?', answer: true });
    expect(asked.assistant_message.id).to.be.a('number');
    const sure: IsSure<{ content: string; conversation_id: number }> = false;
    expect(sure).to.equal(false);
  });

  it('imports the conversations of another product, and reports how that goes', async () => {
    const client = connect();
    await online(client);
    const ended = new Promise<ImportReport>((resolve) => {
      client.onImport((report) => {
        if (report.status === 'done') resolve(report);
      });
    });
    const file = new Blob([JSON.stringify([simple('one'), simple('two')])]);
    const { id } = await client.rest.importFile(file);
    const report = await ended;
    expect(report).to.include({ id, found: 2, imported: 2 });
    expect(await client.rest.importReport(id)).to.deep.equal(report);
    const found = await client.search({ q: 'question two' });
    expect(found.results).to.have.length(1);
  });

  it('stops an answer from another device', async () => {
    const [phone, laptop] = [connect(), connect()];
    const answer = app.upstream.next();
    const { conversation, assistant_message } = await phone.send({ content: 'Long' });
    const store = phone.open(conversation.id);
    answer.write('Once');
    await until(store.state, store, (state) => lastText(state) === 'Once');
    await online(laptop);
    await laptop.stop(assistant_message.id);
    const stopped = await until(
      store.state,
      store,
      ({ messages }) => messages.at(-1)?.status === 'stopped',
    );
    expect(lastText(stopped)).to.equal('Once');
  });

  it('reads older messages page by page', async () => {
    const client = connect();
    const { conversation } = await client.send({ content: 'm0' });
    const store = client.open(conversation.id);
    for (let i = 1; i < 30; i += 1)
      await client.send({ content: `m${i}`, conversation_id: conversation.id });
    await until(store.state, store, (state) => state.messages.length === 60 && ended(state));
    const fresh = connect();
    const late = fresh.open(conversation.id);
    await until(late.state, late, ({ phase }) => phase === 'open');
    expect(late.state.messages.length).to.equal(50);
    await late.loadOlder();
    expect(late.state.messages.map(({ id }) => id)).to.deep.equal(
      store.state.messages.map(({ id }) => id),
    );
    expect(late.state.hasMore).to.equal(false);
  });

  it('makes a call again with a fresh token when it came too late with the old one', async () => {
    const { iat, exp, ...claims } = jwt.decode(account.token, { json: true }) ?? {};
    const past = { ...claims, iat: Number(iat) - 1_000, exp: Number(iat) - 100 };
    const token = jwt.sign(past, SECRET_KEY, { algorithm: 'HS256' });
    let refreshed = 0;
    const refresh = async () => {
      refreshed += 1;
      return account.token;
    };
    const late = createClient({ url: app.url, token, refresh, autoConnect: false });
    const all = await Promise.all([late.rest.me(), late.rest.sessions(), late.rest.usage()]);
    expect(all[0].username).to.equal(account.username);
    expect(refreshed).to.equal(1);
    const without = createClient({ url: app.url, token, autoConnect: false });
    expect(await without.rest.me().catch(({ code }) => code)).to.equal('token_expired');
  });

  it('keeps an account in its owner’s hands: devices, usage, a new password, the end', async () => {
    const client = connect();
    const { rest } = client;
    const login = (password: string) =>
      rest.login({ email: account.email, password }).then(
        ({ access_token = '' }) => access_token,
        ({ code }) => code,
      );
    const [other, third] = [connect({ token: await login(account.password) }), connect()];
    await Promise.all([online(client), online(other), online(third)]);
    const foreign = (await rest.sessions()).find(({ current }) => !current);
    await rest.revokeSession(foreign?.id ?? '');
    const over = await until(
      other.connection.status,
      other.connection,
      ({ state }) => state === 'ended',
    );
    expect(over.code).to.equal('session_revoked');
    expect(await rest.revokeSession(foreign?.id ?? '').catch(({ code }) => code)).to.equal(
      'not_found',
    );
    expect((await rest.usage()).day).to.have.keys('tokens', 'reserved', 'limit', 'cost');

    const new_password = 'Quite another 42!';
    const change = { current_password: account.password, new_password };
    await rest.changePassword(change);
    expect(await rest.changePassword(change).catch(({ code }) => code)).to.equal(
      'invalid_credentials',
    );
    expect(await login(account.password)).to.equal('invalid_credentials');
    await login(new_password);
    expect(await rest.sessions()).to.have.length(2);
    await rest.revokeOtherSessions();
    expect(await rest.sessions()).to.have.length(1);
    expect(client.connection.status.state).to.equal('online');
    await rest.deleteAccount();
    expect(await login(new_password)).to.equal('invalid_credentials');
  });
});
