import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { withKey } from '../../../lab/people/keys.js';
import { SseReader } from '../../../lab/people/sse-reader.js';
import type { Message, StoredQuestion } from '../../../src/contract/rest.js';

const run = promisify(execFile);

describe('An answer as server-sent events', () => {
  let app: TestApp;
  let ann: Account;
  let serial = 0;
  const readers: SseReader[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '1', SESSION_RECHECK_SECONDS: '60' });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  const ask = async (content = 'go', by = ann) => {
    const { status, body } = await app.call<StoredQuestion>('/agent/messages', {
      token: by.token,
      body: { client_id: `c${serial}-${Math.random().toString(36).slice(2)}`, content },
    });
    expect(status).to.equal(202);
    return body.assistant_message?.id ?? 0;
  };
  const read = async (id: number, { by = ann, from = '', query = '' } = {}) => {
    const headers = from === '' ? {} : { 'last-event-id': from };
    const url = `${app.url}/agent/messages/${id}/stream${query}`;
    const reader = await SseReader.open(url, by.token, { headers });
    readers.push(reader);
    return reader;
  };
  const codeOf = async (reader: SseReader) => (await reader.response.json()).code;

  it('comes with what sockets get, delta by delta, then its end', async () => {
    const device = await app.device(ann);
    const writing = app.upstream.next();
    const id = await ask();
    const reader = await read(id);
    expect(reader.response.status).to.equal(200);
    const { headers } = reader.response;
    expect(headers.get('content-type')).to.match(/^text\/event-stream/);
    expect(headers.get('x-accel-buffering')).to.equal('no');
    expect(headers.get('cache-control')).to.include('no-transform').and.include('no-store');
    expect(headers.get('content-encoding')).to.equal(null);
    const { body: message } = await app.call<Message>(`/agent/messages/${id}`, {
      token: ann.token,
    });
    expect(message).to.include({ id, status: 'streaming', role: 'assistant' });
    await device.ask('conversation:open', { conversation_id: message.conversation_id });
    writing.write('Grüße ');
    await reader.until(({ text }) => text === 'Grüße ');
    writing.write('你好');
    writing.finish();
    await reader.ended;
    expect(reader.text).to.equal('Grüße 你好');
    const told = await device.ended(id);
    expect(reader.all('completed')).to.deep.equal([told]);
    expect(reader.all('delta').at(-1)).to.deep.equal(device.all('message:delta').at(-1));
    expect(reader.events.map(({ id: at }) => at)).to.deep.equal([
      ...reader.all('delta').map(({ attempt, seq }) => `${attempt}-${seq}`),
      `${told.attempt}-${told.seq}`,
    ]);
  });

  it('is resumed by the id of the last event, as a header and as a query', async () => {
    const writing = app.upstream.next();
    const id = await ask();
    const first = await read(id);
    writing.write('one ');
    await first.until(({ text }) => text === 'one ');
    const { lastId } = first;
    first.close();
    writing.write('two ');
    const [second, third] = [
      await read(id, { from: lastId, query: '?last_event_id=0-0' }),
      await read(id, { query: `?last_event_id=${lastId}` }),
    ];
    await second.until(({ text }) => text === 'two ');
    writing.write('three');
    writing.finish();
    for (const reader of [second, third]) {
      await reader.ended;
      expect(reader.text).to.equal('two three');
      expect(reader.all('reset')).to.deep.equal([]);
    }
    const late = await read(id, { from: second.lastId });
    await late.ended;
    expect(late.events.map(({ event }) => event)).to.deep.equal(['completed']);
    const whole = await read(id);
    await whole.ended;
    expect(whole.text).to.equal('one two three');
  });

  it('begins again for who has the text of another attempt', async () => {
    app.upstream.otherwise(answer('whole'));
    const id = await ask();
    await (await read(id)).ended;
    await app.rows('UPDATE messages SET attempt = 2 WHERE id = $1', [id]);
    const reader = await read(id, { from: '1-1' });
    await reader.ended;
    expect(reader.events.map(({ event }) => event)).to.deep.equal(['reset', 'delta', 'completed']);
    expect(reader.events[0]).to.deep.equal({ event: 'reset', id: '2-0', data: { attempt: 2 } });
    expect(reader.text).to.equal('whole');
  });

  it('is refused with an id that makes no sense, for a question, and for strangers', async () => {
    app.upstream.otherwise(answer('whole'));
    const id = await ask();
    for (const from of ['1', 'a-b', '1-2-3', '-1-2', `1-${'9'.repeat(20)}`]) {
      expect(await codeOf(await read(id, { from })), from).to.equal('validation_failed');
    }
    expect(await codeOf(await read(id, { query: '?last_event_id=x' }))).to.equal(
      'validation_failed',
    );
    expect(await codeOf(await read(id - 1))).to.equal('conflict');
    const eve = await app.register(`eve${serial}`);
    expect(await codeOf(await read(id, { by: eve }))).to.equal('not_found');
  });

  it('is asked for and streamed by one call', async () => {
    const writing = app.upstream.next();
    const body = { message: 'go' };
    const reader = await SseReader.open(`${app.url}/agent/chat`, ann.token, { body });
    await reader.until(({ events }) => events.length > 0);
    const [begun] = reader.all('message');
    expect(reader.events[0]).to.include({ event: 'message' });
    writing.write('on ');
    await reader.until(({ text }) => text === 'on ');
    writing.write('and on');
    writing.finish();
    await reader.ended;
    expect(reader.text).to.equal('on and on');
    expect(reader.all('completed')[0]).to.include({
      message_id: begun?.message_id,
      conversation_id: begun?.conversation_id,
      status: 'completed',
    });
    app.upstream.otherwise(answer('plain'));
    const plain = await app.call('/agent/chat', {
      token: ann.token,
      body,
      headers: { accept: 'application/json, text/event-stream' },
    });
    expect(plain.body).to.include({ response: 'plain' });
  });

  it('is refused before anything is stored, as a problem', async () => {
    const body = { message: 'go', conversation_id: 2 ** 40 };
    const reader = await SseReader.open(`${app.url}/agent/chat`, ann.token, { body });
    expect(reader.response.status).to.equal(404);
    expect(await codeOf(reader)).to.equal('not_found');
  });

  it('is stopped by REST', async () => {
    const writing = app.upstream.next();
    const id = await ask();
    const reader = await read(id);
    writing.write('begun');
    await reader.until(({ text }) => text === 'begun');
    const stop = () => app.call(`/agent/messages/${id}/stop`, { method: 'POST', token: ann.token });
    expect((await stop()).status).to.equal(200);
    await reader.ended;
    expect(reader.all('completed')[0]).to.include({ status: 'stopped' });
    expect((await stop()).body).to.deep.equal({ status: 'stopped' });
  });

  it('ends with the key of its reader, and no word', async () => {
    const program = await withKey(app.url, ann, ['chat']);
    const writing = app.upstream.next();
    const id = await ask('go', program);
    const [own, mine] = [await read(id, { by: program }), await read(id)];
    writing.write('begun');
    for (const reader of [own, mine]) await reader.until(({ text }) => text === 'begun');
    await app.call(`/users/me/keys/${program.keyId}`, { method: 'DELETE', token: ann.token });
    await own.ended;
    expect(own.all('completed')).to.deep.equal([]);
    expect(await codeOf(await read(id, { by: program }))).to.equal('key_revoked');
    writing.finish();
    await mine.ended;
    expect(mine.all('completed')).to.have.length(1);
  });

  it('is read by a key that only chats only if the key asked for it', async () => {
    app.upstream.otherwise(answer('secret'));
    const program = await withKey(app.url, ann, ['chat']);
    const [own, other] = [await ask('go', program), await ask()];
    const text = await read(own, { by: program });
    await text.ended;
    expect(text.text).to.equal('secret');
    for (const path of [`/agent/messages/${other}`, `/agent/messages/${other}/stream`]) {
      const { body } = await app.call(path, { token: program.token });
      expect(body, path).to.include({ code: 'forbidden' });
    }
    const { body } = await app.call(`/agent/messages/${own}`, { token: program.token });
    expect(body).to.include({ content: 'secret' });
  });

  it('is one of 20 streams of its user at most', async () => {
    app.upstream.next();
    const id = await ask();
    const opened: SseReader[] = [];
    for (let i = 0; i < 20; i++) opened.push(await read(id));
    expect(opened.map(({ response }) => response.status)).to.deep.equal(Array(20).fill(200));
    expect(await codeOf(await read(id))).to.equal('rate_limited');
    opened[0]?.close();
    await eventually(
      async () => (await read(id)).response.status,
      (status) => status === 200,
    );
  });

  it('has a head and no body for HEAD', async () => {
    app.upstream.otherwise(answer('whole'));
    const id = await ask();
    const head = await fetch(`${app.url}/agent/messages/${id}/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${ann.token}` },
    });
    expect(head.status).to.equal(200);
    expect(head.headers.get('content-type')).to.match(/^text\/event-stream/);
  });

  it('is read by curl', async () => {
    app.upstream.otherwise(answer('whole'));
    const id = await ask();
    const { stdout } = await run('curl', [
      ...['-sSN', '-H', `Authorization: Bearer ${ann.token}`],
      `${app.url}/agent/messages/${id}/stream`,
    ]);
    expect(stdout).to.match(/^retry: \d+\n\n/);
    expect(stdout).to.match(/id: 1-1\nevent: delta\ndata: {.*"text":"whole"}\n\n/);
    expect(stdout).to.match(/id: 1-1\nevent: completed\ndata: {.*"status":"completed".*}\n\n$/);
  });
});
