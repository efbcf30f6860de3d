import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import {
  type ConversationState,
  createClient,
  type ParleyClient,
} from '../../../src/client/index.js';
import type { AckData, ClientEventName, ClientPayload } from '../../../src/contract/events.js';

type CanCall = {
  call<E extends ClientEventName>(event: E, payload: ClientPayload<E>): Promise<AckData<E>>;
};

const SILENCE = { minMs: 150, maxMs: 600 };

describe('the SDK when nothing reaches it any more', () => {
  let app: TestApp;
  const clients: ParleyClient[] = [];

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
  });
  after(() => app.stop());
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  const connect = (token: string) => {
    const client = createClient({ url: app.url, token, silence: SILENCE });
    clients.push(client);
    return client;
  };
  /** Makes the node forget that this socket reads the conversation, as if its messages to it were lost. */
  const goDeaf = (client: ParleyClient, conversation_id: number) =>
    (client.connection as unknown as CanCall).call('conversation:close', { conversation_id });

  const until = (client: ParleyClient, id: number, fits: (state: ConversationState) => boolean) =>
    new Promise<ConversationState>((resolve) => {
      const store = client.open(id);
      const look = () => {
        if (fits(store.state)) resolve(store.state);
      };
      store.subscribe(look);
      look();
    });
  const lastIs = (status: string, content: string) => (state: ConversationState) =>
    state.messages.at(-1)?.status === status && state.messages.at(-1)?.content === content;

  it('has the text and the end of an answer, and the next answer too', async () => {
    const account = await app.register('deaf');
    const [reader, writer] = [connect(account.token), connect(account.token)];
    const answer = app.upstream.next();
    const { conversation } = await reader.send({ content: 'Hi' });
    const { id } = conversation;
    answer.write('heard');
    await until(reader, id, lastIs('streaming', 'heard'));

    await goDeaf(reader, id);
    answer.write(', lost');
    await until(reader, id, lastIs('streaming', 'heard, lost'));

    await goDeaf(reader, id);
    answer.finish();
    await until(writer, id, lastIs('completed', 'heard, lost'));
    await writer.send({ content: 'And now?', conversation_id: id });
    const { messages } = await until(reader, id, lastIs('completed', 'Hello there.'));
    expect(messages.map(({ content }) => content)).to.deep.equal([
      'Hi',
      'heard, lost',
      'And now?',
      'Hello there.',
    ]);
  });

  it('reads again what is open, and the list, when its device wakes', async () => {
    const account = await app.register('sleeper');
    const [reader, writer] = [connect(account.token), connect(account.token)];
    const { conversation } = await writer.send({ content: 'One' });
    const { id } = conversation;
    await until(reader, id, lastIs('completed', 'Hello there.'));
    await goDeaf(reader, id);
    await writer.send({ content: 'Two', conversation_id: id });
    await until(writer, id, ({ messages }) => messages.at(-1)?.status === 'completed');
    await app.rows('UPDATE conversations SET title = $1, updated_at = now() WHERE id = $2', [
      'Given unheard',
      id,
    ]);
    expect(reader.open(id).state.messages.length).to.equal(2);
    reader.wake();
    await until(reader, id, ({ messages }) => messages.length === 4);
    await new Promise<void>((resolve) => {
      const look = () => {
        if (reader.list.state.conversations[0]?.title === 'Given unheard') resolve();
      };
      reader.list.subscribe(look);
      look();
    });
  });

  it('asks once, however often its device wakes, and not at all without a connection', async () => {
    const account = await app.register('restless');
    const counted = () => {
      const client = connect(account.token);
      const connection = client.connection as unknown as { check(): Promise<boolean> };
      const check = connection.check.bind(connection);
      const checks = { count: 0 };
      connection.check = () => {
        checks.count += 1;
        return check();
      };
      return { client, checks };
    };
    const online = counted();
    const { conversation } = await online.client.send({ content: 'One' });
    await until(online.client, conversation.id, lastIs('completed', 'Hello there.'));
    for (let i = 0; i < 3; i += 1) online.client.wake();
    expect(online.checks.count).to.equal(1);
    const offline = counted();
    offline.client.disconnect();
    offline.client.wake();
    expect(offline.checks.count).to.equal(0);
  });
});
