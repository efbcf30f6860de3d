import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { withKey } from '../../../lab/people/keys.js';
import { startTcpProxy } from '../../../lab/stores/tcp-proxy.js';
import {
  type AnswerEvents,
  createClient,
  createRest,
  type ParleyClient,
  type RestOptions,
  streamAnswer,
  streamChat,
} from '../../../src/client/index.js';

interface Source<T> {
  subscribe(listener: (value: T) => void): () => void;
}

/** Resolves when a value fits, now or later. mocha's time-out is the deadline. */
const until = <T>(now: T, source: Source<T>, fits: (value: T) => boolean) =>
  new Promise<void>((resolve) => {
    if (fits(now)) return resolve();
    const unsubscribe = source.subscribe((value) => {
      if (!fits(value)) return;
      unsubscribe();
      resolve();
    });
  });

describe('A program that uses the SDK with a key', () => {
  let app: TestApp;
  let ann: Account;
  let serial = 0;
  const clients: ParleyClient[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
  });
  after(() => app.stop());
  beforeEach(async () => {
    serial += 1;
    ann = await app.register(`ann${serial}`);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  const connect = (token: string) => {
    const client = createClient({ url: app.url, token, backoff: { minMs: 20, maxMs: 100 } });
    clients.push(client);
    return client;
  };
  const at = (token: string, url = app.url): RestOptions => ({
    url,
    token: () => token,
    timeoutMs: 60_000,
  });
  const stateOf = async (client: ParleyClient, state: string) => {
    const { connection } = client;
    await until(connection.status, connection, (status) => status.state === state);
    return connection.status;
  };
  const asked = async (by: Account, content = 'go') => {
    const rest = createRest(at(by.token));
    const { assistant_message } = await rest.send({ client_id: randomUUID(), content });
    return assistant_message?.id ?? 0;
  };

  it('asks and follows over a socket, until the key is revoked', async () => {
    const program = await withKey(app.url, ann, ['chat', 'read']);
    const client = connect(program.token);
    const writing = app.upstream.next();
    const { conversation, assistant_message } = await client.send({ content: 'go' });
    const store = client.open(conversation.id);
    const shows = (text: string) =>
      until(store.state, store, ({ messages }) => messages.at(-1)?.content === text);
    writing.write('Grüße ');
    await shows('Grüße ');
    client.wake();
    await client.search({ q: 'nothing' });
    expect(client.connection.status.state).to.equal('online');
    writing.write('你好');
    writing.finish();
    await shows('Grüße 你好');
    await app.call(`/users/me/keys/${program.keyId}`, { method: 'DELETE', token: ann.token });
    expect(await stateOf(client, 'ended')).to.deep.equal({ state: 'ended', code: 'key_revoked' });
    const refused = createRest(at(program.token)).message(assistant_message.id);
    expect(await refused.catch((error) => error.code)).to.equal('key_revoked');
  });

  it('is refused what its scopes do not have, and stays connected', async () => {
    const { token } = await withKey(app.url, ann, ['chat']);
    const client = connect(token);
    const rest = createRest(at(token));
    const codes = await Promise.all(
      [client.create(), client.rest.search({ q: 'a' }), rest.me(), rest.keys()].map((call) =>
        call.then(
          () => 'none',
          (error) => error.code,
        ),
      ),
    );
    // Nothing can be created before the socket is there.
    expect(codes.slice(1)).to.deep.equal(['forbidden', 'forbidden', 'forbidden']);
    expect((await rest.models()).length).to.be.greaterThan(0);
    await stateOf(client, 'online');
    expect(await client.create().catch((error) => error.code)).to.equal('forbidden');
    expect(client.connection.status.state).to.equal('online');
  });

  it('asks and reads in one call, with a key that only chats', async () => {
    const { token } = await withKey(app.url, ann, ['chat']);
    app.upstream.script(answer(['A lease ', 'ends by itself ⏳.']));
    const events = await listOf(streamChat(at(token), { message: 'What is a lease?' }));
    expect(events[0]).to.include({ event: 'message' });
    expect(textOf(events)).to.equal('A lease ends by itself ⏳.');
    expect(events.at(-1)).to.deep.nested.include({
      event: 'completed',
      'data.status': 'completed',
    });
  });

  it('reads an answer to its end through a connection that is cut again and again', async () => {
    const program = await withKey(app.url, ann, ['chat']);
    const way = await startTcpProxy(Number(new URL(app.url).port));
    const writing = app.upstream.next();
    const id = await asked(program);
    const url = `http://127.0.0.1:${way.port}`;
    const rounds = ['Grüße ', '你好 ', '👩‍🚀 ', '再见'];
    const wanted = [...rounds];
    let text = '';
    writing.write(wanted.shift() ?? '');
    try {
      for await (const { event, data } of streamAnswer(at(program.token, url), id)) {
        if (event === 'reset') throw new Error('nothing is lost');
        if (event !== 'delta') continue;
        text += data.text;
        const next = wanted.shift();
        if (next === undefined) writing.finish();
        else {
          way.cut();
          writing.write(next);
          way.heal();
        }
      }
    } finally {
      await way.stop();
    }
    expect(text).to.equal(rounds.join(''));
  });

  it('reads what an earlier run of it has not read', async () => {
    const program = await withKey(app.url, ann, ['chat']);
    const writing = app.upstream.next();
    const id = await asked(program);
    writing.write('read before, ');
    let lastEventId = '';
    for await (const event of streamAnswer(at(program.token), id)) {
      lastEventId = event.id;
      break;
    }
    writing.write('read after');
    writing.finish();
    const rest = await listOf(streamAnswer(at(program.token), id, { lastEventId }));
    expect(textOf(rest)).to.equal('read after');
  });
});

type Event = AnswerEvents extends AsyncGenerator<infer E> ? E : never;

async function listOf(stream: AnswerEvents): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const textOf = (events: readonly Event[]): string =>
  events.map((one) => (one.event === 'delta' ? one.data.text : '')).join('');
