import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Call } from '../../../src/client/call.js';
import { ConversationStore } from '../../../src/client/conversation/conversation-store.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import type { RoomEvent } from '../../../src/contract/events.js';
import { conversation, Model, message, NO_ASKS } from './conversation-model.js';

const openStore = async (model: Model): Promise<ConversationStore> => {
  const store = new ConversationStore(1, {
    call: model.call,
    older: async () => [],
    asks: NO_ASKS,
  });
  store.open();
  await settled(store);
  return store;
};

/** Waits until nothing is pending any more. Anything that takes longer hangs. */
async function settled(store: ConversationStore): Promise<void> {
  for (let turns = 0; turns < 12 || store.state.phase === 'opening'; turns += 1) {
    if (turns > 1_000) throw new Error('The store does not come to rest');
    await turn();
  }
}

/** A server whose page is full: for answers that a device was reading it returns only the ends. */
const withoutRoom =
  (call: Call): Call =>
  async (event, payload) => {
    const data = await call(event, payload);
    if (!('live' in data) || !('cursors' in payload)) return data;
    const asked = new Set(payload.cursors?.map((cursor) => cursor.message_id));
    const ends = data.messages.filter(({ id }) => asked.has(id));
    const live = ends.map(({ id, status, attempt, seq }) => {
      return { message_id: id, status, attempt, from_seq: seq, seq, text: '' };
    });
    const messages = data.messages.filter(({ id }) => !asked.has(id));
    return { ...data, messages, live: [...data.live, ...live] };
  };

const last = (store: ConversationStore) => store.state.messages.at(-1);

describe('an open conversation', () => {
  it('keeps what comes before the answer to its opening', async () => {
    const model = new Model();
    const store = new ConversationStore(1, {
      call: model.call,
      older: async () => [],
      asks: NO_ASKS,
    });
    store.open();
    store.receive(model.begin(4));
    store.receive(model.write('early'));
    await settled(store);
    expect(last(store)?.content).to.equal('early');
  });

  it('keeps a title that came before the answer to its opening, and was given after that was read', async () => {
    const model = new Model();
    const store = new ConversationStore(1, {
      call: model.call,
      older: async () => [],
      asks: NO_ASKS,
    });
    store.open();
    const updated_at = '2999-01-01T00:00:00.000Z';
    store.updated({ ...conversation(null), title: 'Given since', updated_at });
    await settled(store);
    expect(store.state.conversation?.title).to.equal('Given since');
  });

  it('asks after a reconnect only for what it lacks', async () => {
    const model = new Model();
    const store = await openStore(model);
    model.messages.push(message(3));
    store.receive({ name: 'message:created', payload: { message: message(3) } });
    store.receive(model.begin(4));
    store.receive(model.write('half '));
    store.lost();
    model.write('an answer');
    store.open();
    await settled(store);
    expect(model.opens().at(-1)).to.deep.include({
      after_message_id: 4,
      cursors: [{ message_id: 4, attempt: 1, seq: 1 }],
    });
    expect(last(store)?.content).to.equal('half an answer');
  });

  it('has the full text of an answer that ended while it was away', async () => {
    const model = new Model();
    const store = await openStore(model);
    store.receive(model.begin(4));
    store.receive(model.write('a'));
    store.lost();
    model.takeOver();
    model.write('all of it');
    model.finish();
    store.open();
    await settled(store);
    expect(last(store)).to.include({ content: 'all of it', status: 'completed', attempt: 2 });
  });

  it('reads with a resume the text of an answer that an opening had no room for', async () => {
    const model = new Model();
    const store = new ConversationStore(1, {
      call: withoutRoom(model.call),
      older: async () => [],
      asks: NO_ASKS,
    });
    store.open();
    await settled(store);
    store.receive(model.begin(4));
    store.receive(model.write('half '));
    store.lost();
    model.write('an answer');
    model.finish();
    store.open();
    await settled(store);
    expect(last(store)).to.include({ content: 'half an answer', status: 'completed', attempt: 1 });
    expect(model.asked.at(-1)?.event).to.equal('generation:resume');
  });

  it('takes the end that an opening tells when it has the whole text', async () => {
    const model = new Model();
    const store = new ConversationStore(1, {
      call: withoutRoom(model.call),
      older: async () => [],
      asks: NO_ASKS,
    });
    store.open();
    await settled(store);
    store.receive(model.begin(4));
    store.receive(model.write('whole'));
    store.lost();
    model.finish();
    store.open();
    await settled(store);
    expect(last(store)).to.include({ content: 'whole', status: 'completed', attempt: 1 });
    expect(model.asked.at(-1)?.event).to.equal('conversation:open');
  });

  it('tells its subscribers of every change of phase, and of the branch that is looked at', async () => {
    const model = new Model();
    const store = await openStore(model);
    const told: unknown[] = [];
    store.subscribe(({ phase, lookingAt }) => told.push([phase, lookingAt]));
    store.lost();
    expect(told.at(-1)).to.deep.equal(['opening', null]);
    store.look(2);
    expect(told.at(-1)).to.deep.equal(['opening', 2]);
    store.look(null);
    store.open();
    await settled(store);
    expect(told.at(-1)).to.deep.equal(['open', null]);
    store.gone();
    expect(told.at(-1)).to.deep.equal(['gone', null]);
  });

  it('is there again after a reconnect, if it was restored while nothing was heard of it', async () => {
    const store = await openStore(new Model());
    store.gone();
    store.lost();
    expect(store.state.phase).to.equal('gone');
    store.open();
    await settled(store);
    expect(store.state.phase).to.equal('open');
  });

  it('says why it could not be opened, until it is open', async () => {
    const model = new Model();
    const away = new ParleyError({ code: 'unavailable', message: 'away', retryable: true });
    let isAway = true;
    const call: Call = (event, payload) =>
      isAway ? Promise.reject(away) : model.call(event, payload);
    const store = new ConversationStore(1, { call, older: async () => [], asks: NO_ASKS });
    store.open();
    await turn();
    expect(store.state).to.include({ phase: 'opening', error: away });
    isAway = false;
    store.open();
    await settled(store);
    expect(store.state).to.include({ phase: 'open', error: null });
  });

  it('reads again when an ack brings a message below one that it does not know', async () => {
    const model = new Model();
    const store = await openStore(model);
    store.seed(null, [message(9)]);
    await settled(store);
    expect(model.opens()).to.have.length(2);
  });

  it('resumes at a hole', async () => {
    const model = new Model();
    const store = await openStore(model);
    store.receive(model.begin(4));
    store.receive(model.write('a'));
    model.write('b');
    store.receive(model.write('c'));
    await settled(store);
    expect(last(store)?.content).to.equal('abc');
    expect(model.asked.at(-1)?.event).to.equal('generation:resume');
  });

  it('opens again when it hears of a message that it does not know, but not for ever', async () => {
    const model = new Model();
    const store = await openStore(model);
    const stray = { conversation_id: 1, message_id: 99, attempt: 1, seq: 1, text: 'x' };
    for (let times = 0; times < 5; times += 1) {
      store.receive({ name: 'message:delta', payload: stray });
      await settled(store);
    }
    expect(model.opens().length).to.equal(2);
  });

  it('reads the branch again when another one became active', async () => {
    const model = new Model();
    const store = await openStore(model);
    store.lost();
    model.messages = [message(1, { content: 'root' }), message(5, { parent_id: 1, content: 'b' })];
    store.open();
    await settled(store);
    expect(store.state.messages.map(({ id }) => id)).to.deep.equal([1, 5]);
  });

  it('reads all of a branch that it has never seen', async () => {
    const model = new Model();
    model.messages = [message(1), message(5, { parent_id: 1 })];
    const store = await openStore(model);
    store.lost();
    model.messages = [message(1), message(2)];
    store.open();
    await settled(store);
    expect(store.state.messages.map(({ id }) => id)).to.deep.equal([1, 2]);
    expect(model.opens().at(-1)).not.to.have.property('after_message_id');
  });

  it('shows who is there, as the opening and then every change tells', async () => {
    const model = new Model();
    model.presence = [1];
    const store = await openStore(model);
    expect(store.state.presence).to.deep.equal([1]);
    const change = (user_ids: number[]): RoomEvent => ({
      name: 'presence:changed',
      payload: { conversation_id: 1, user_ids },
    });
    store.receive(change([1, 2]));
    expect(store.state.presence).to.deep.equal([1, 2]);
    store.lost();
    model.presence = [1, 2, 3];
    store.open();
    store.receive(change([1, 2, 3, 4]));
    await settled(store);
    expect(store.state.presence).to.deep.equal([1, 2, 3, 4]);
  });

  it('adds older messages before the first one', async () => {
    const model = new Model();
    model.messages = [message(3), message(4)];
    const older = async (_: number, before: number) =>
      [message(1), message(2)].filter(({ id }) => id < before);
    const store = new ConversationStore(1, { call: model.call, older, asks: NO_ASKS });
    store.open();
    await settled(store);
    expect(store.state.hasMore).to.equal(true);
    await Promise.all([store.loadOlder(), store.loadOlder()]);
    expect(store.state.messages.map(({ id }) => id)).to.deep.equal([1, 2, 3, 4]);
    expect(store.state.hasMore).to.equal(false);
  });

  it('is gone when the server does not know it', async () => {
    const refuse: Call = async () => {
      throw new ParleyError({ code: 'not_found', message: 'no', retryable: false });
    };
    const store = new ConversationStore(1, { call: refuse, older: async () => [], asks: NO_ASKS });
    store.open();
    await turn();
    expect(store.state.phase).to.equal('gone');
  });

  it('ignores a late copy of a message that has ended since', async () => {
    const model = new Model();
    const store = await openStore(model);
    const begun = model.begin(4);
    store.receive(begun);
    store.receive(model.write('done'));
    store.receive(model.finish());
    store.receive(begun);
    expect(last(store)).to.include({ content: 'done', status: 'completed', finish_reason: 'stop' });
  });
});

type Act = 'write' | 'deliver' | 'drop' | 'repeat' | 'swap' | 'reconnect' | 'take over' | 'wait';

const acts = fc.array(
  fc.constantFrom<Act>(
    ...(['write', 'write', 'write', 'deliver', 'deliver', 'deliver', 'deliver'] as const),
    ...(['drop', 'repeat', 'swap', 'reconnect', 'take over', 'wait'] as const),
  ),
  { maxLength: 60 },
);
const pieces = fc.array(fc.constantFrom('a', 'b ', '你', '好', '👩‍🚀', '\n'), {
  minLength: 60,
  maxLength: 60,
});

describe('an open conversation on a bad network', () => {
  it('ends with the text of the server, character for character', async () => {
    await fc.assert(
      fc.asyncProperty(acts, pieces, async (plan, texts) => {
        const model = new Model();
        const store = await openStore(model);
        store.receive(model.begin(4));
        await play(model, store, plan, texts);
        const end = model.finish();
        store.receive(end);
        await settled(store);
        const content = model.messages.at(-1)?.content;
        expect(last(store)).to.include({ status: 'completed', content });
      }),
      { numRuns: 300 },
    );
  });
});

async function play(model: Model, store: ConversationStore, plan: Act[], texts: string[]) {
  const wire: RoomEvent[] = [];
  for (const [index, act] of plan.entries()) {
    if (act === 'write') wire.push(model.write(texts[index] ?? ''));
    else if (act === 'take over') model.takeOver();
    else if (act === 'wait') await turn();
    else if (act === 'reconnect') reconnect(store, wire);
    else if (act === 'swap') wire.reverse();
    else carry(act, wire, store);
  }
}

function carry(act: Act, wire: RoomEvent[], store: ConversationStore): void {
  const event = act === 'repeat' ? wire[0] : wire.shift();
  if (event !== undefined && act !== 'drop') store.receive(event);
}

function reconnect(store: ConversationStore, wire: RoomEvent[]): void {
  wire.length = 0;
  store.lost();
  store.open();
}
