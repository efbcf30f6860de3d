import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Call } from '../../../src/client/call.js';
import { createAsks, type Stored } from '../../../src/client/conversation/asks.js';
import { ConversationStore } from '../../../src/client/conversation/conversation-store.js';
import { ParleyError, unreachable } from '../../../src/client/parley-error.js';
import { Repeater } from '../../../src/client/time/repeater.js';
import type { ClientPayload, RoomEvent } from '../../../src/contract/events.js';
import type { Message } from '../../../src/contract/rest.js';
import { conversation, message, NO_ASKS } from './conversation-model.js';

const FOLLOW_AFTER_MS = 20;

/** A tree of messages on a server. `leaf` is active. */
class Tree {
  readonly asked: { event: string; payload: object }[] = [];
  readonly messages: Message[];
  leaf: number | null;
  changes = 0;

  constructor(leaf: number | null, ...messages: Message[]) {
    this.leaf = leaf;
    this.messages = messages;
  }

  get conversation() {
    const updated_at = new Date(Date.UTC(2026, 0, 1) + this.changes).toISOString();
    return { ...conversation(this.leaf), updated_at };
  }

  /** Another branch becomes active, and nobody is told. */
  activate(leaf: number | null) {
    this.leaf = leaf;
    this.changes += 1;
    return this.conversation;
  }

  readonly call: Call = async (event, payload) => {
    this.asked.push({ event, payload });
    const { leaf_message_id, ...asked } = payload as ClientPayload<'conversation:open'>;
    const { messages, ...data } = this.#open(leaf_message_id);
    const known = asked.cursors?.map(({ message_id }) => message_id) ?? [];
    const isWanted = ({ id }: Message) => id > (asked.after_message_id ?? 0) || known.includes(id);
    await turn();
    return { ...data, messages: messages.filter(isWanted) } as never;
  };

  #open(leaf = this.leaf) {
    const path: Message[] = [];
    if (leaf !== null && !this.messages.some(({ id }) => id === leaf)) throw notFound();
    for (let id = leaf; id !== null; ) {
      const found = this.messages.find((item) => item.id === id);
      if (found) path.unshift(found);
      id = found?.parent_id ?? null;
    }
    const about = { members: [], presence: [], has_more: false, live: [] };
    return { conversation: this.conversation, messages: path, ...about };
  }
}

const notFound = () => new ParleyError({ code: 'not_found', message: 'no', retryable: false });

/** One question with two answers, the second one active and with a question below. */
const twoAnswers = () =>
  new Tree(
    5,
    message(1),
    message(2, { sibling_ids: [2, 4] }),
    message(4, { parent_id: 1, sibling_ids: [2, 4] }),
    message(5, { parent_id: 4 }),
  );

async function follow(tree: Tree): Promise<ConversationStore> {
  const ports = { call: tree.call, older: async () => [], asks: NO_ASKS };
  const store = new ConversationStore(1, { ...ports, followAfterMs: FOLLOW_AFTER_MS });
  store.open();
  await rest();
  return store;
}

async function rest(): Promise<void> {
  for (let turns = 0; turns < 12; turns += 1) await turn();
}

const ids = (store: ConversationStore) => store.state.messages.map(({ id }) => id);
const siblings = (store: ConversationStore, id: number) =>
  store.state.messages.find((item) => item.id === id)?.sibling_ids;
const created = (it: Message): RoomEvent => ({ name: 'message:created', payload: { message: it } });
const deleted = (...message_ids: number[]): RoomEvent => ({
  name: 'message:deleted',
  payload: { conversation_id: 1, message_ids },
});

describe('the branches of an open conversation', () => {
  it('are followed to a sibling that is created', async () => {
    const store = await follow(twoAnswers());
    store.receive(created(message(6, { parent_id: 1, role: 'assistant', sibling_ids: [2, 4, 6] })));
    expect(ids(store)).to.deep.equal([1, 6]);
    expect(siblings(store, 6)).to.deep.equal([2, 4, 6]);
  });

  it('are followed to another first message', async () => {
    const store = await follow(twoAnswers());
    store.receive(created(message(7, { parent_id: null, sibling_ids: [1, 7] })));
    expect(ids(store)).to.deep.equal([7]);
    expect(store.state.lookingAt).to.equal(null);
  });

  it('know all siblings of a created one, even those that its copy lacks', async () => {
    const store = await follow(twoAnswers());
    store.receive(created(message(6, { parent_id: 1, sibling_ids: [6] })));
    expect(siblings(store, 6)).to.deep.equal([2, 4, 6]);
  });

  it('lose a deleted sibling without reading anything', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.receive(deleted(2));
    expect(siblings(store, 4)).to.deep.equal([4]);
    expect(tree.asked).to.have.length(1);
  });

  it('fall back to the active one when what is shown is deleted', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    tree.messages.splice(2, 2);
    tree.activate(2);
    store.receive(deleted(4, 5));
    expect(ids(store)).to.deep.equal([1]);
    await rest();
    expect(ids(store)).to.deep.equal([1, 2]);
  });

  it('are read again when another device selected one, unless the messages come by themselves', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.updated(tree.activate(2));
    await sleep(FOLLOW_AFTER_MS * 3);
    await rest();
    expect(ids(store)).to.deep.equal([1, 2]);
    expect(tree.asked).to.have.length(2);
    tree.messages.push(message(6, { parent_id: 2, role: 'user' }));
    store.updated(tree.activate(6));
    store.receive(created(message(6, { parent_id: 2, role: 'user' })));
    await sleep(FOLLOW_AFTER_MS * 3);
    await rest();
    expect(ids(store)).to.deep.equal([1, 2, 6]);
    expect(tree.asked).to.have.length(2);
  });

  it('are not read for ever when the active one does not come', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.updated({ ...conversation(99), updated_at: '2999-01-01T00:00:00.000Z' });
    await sleep(FOLLOW_AFTER_MS * 10);
    await rest();
    expect(tree.asked).to.have.length(2);
    expect(ids(store)).to.deep.equal([1, 4, 5]);
  });

  it('can be looked at without selecting them, and follow what is added there', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.look(2);
    await rest();
    expect(tree.asked.at(-1)?.payload).to.include({ leaf_message_id: 2 });
    expect(ids(store)).to.deep.equal([1, 2]);
    expect(store.state).to.include({ phase: 'open', lookingAt: 2 });
    store.receive(created(message(7, { parent_id: 5, role: 'assistant' })));
    store.receive({
      name: 'message:delta',
      payload: { conversation_id: 1, message_id: 7, attempt: 1, seq: 1, text: 'elsewhere' },
    });
    store.updated(tree.activate(5));
    await sleep(FOLLOW_AFTER_MS * 3);
    expect(tree.asked).to.have.length(2);
    expect(ids(store)).to.deep.equal([1, 2]);
    store.receive(created(message(8, { parent_id: 2, role: 'user' })));
    expect(ids(store)).to.deep.equal([1, 2, 8]);
    expect(store.state.lookingAt).to.equal(8);
    store.look(null);
    await rest();
    expect(ids(store)).to.deep.equal([1, 4, 5]);
  });

  it('know of siblings that are created while one is looked at', async () => {
    const store = await follow(twoAnswers());
    store.look(2);
    await rest();
    store.receive(created(message(6, { parent_id: 1, role: 'assistant', sibling_ids: [2, 4, 6] })));
    expect(ids(store)).to.deep.equal([1, 2]);
    expect(siblings(store, 2)).to.deep.equal([2, 4, 6]);
  });

  it('show the active one when the one that is looked at is gone', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.look(2);
    await rest();
    store.lost();
    tree.messages.splice(1, 1);
    store.open();
    await rest();
    expect(ids(store)).to.deep.equal([1, 4, 5]);
    expect(store.state).to.include({ phase: 'open', lookingAt: null });
  });

  it('end a look with what is asked for from here', async () => {
    const store = await follow(twoAnswers());
    store.look(2);
    await rest();
    const again = message(6, { parent_id: 1, role: 'assistant', sibling_ids: [2, 4, 6] });
    store.seed({ ...conversation(6), updated_at: '2026-02-01T00:00:00.000Z' }, [again]);
    expect(store.state.lookingAt).to.equal(null);
    expect(ids(store)).to.deep.equal([1, 6]);
  });

  it('show the text of an answer that goes on until its first delta', async () => {
    const cut = { status: 'stopped', attempt: 1, seq: 3, content: 'half' } as const;
    const store = await follow(new Tree(2, message(1), message(2, cut)));
    const last = () => store.state.messages.at(-1);
    const goesOn = { status: 'queued', attempt: 2, seq: 0, content: '' } as const;
    store.receive({
      name: 'message:status',
      payload: { conversation_id: 1, message_id: 2, status: 'queued', attempt: 2, position: 3 },
    });
    expect(last()).to.include({ status: 'queued', content: 'half', position: 3 });
    store.seed(null, [message(2, goesOn)]);
    expect(last()).to.include({ status: 'queued', content: 'half' });
    store.receive({
      name: 'message:delta',
      payload: { conversation_id: 1, message_id: 2, attempt: 2, seq: 1, text: 'half of' },
    });
    expect(last()).to.include({ status: 'streaming', content: 'half of', error: null });
  });

  it('show that it goes on by the ack alone', async () => {
    const cut = { status: 'stopped', attempt: 1, seq: 3, content: 'half' } as const;
    const store = await follow(new Tree(2, message(1), message(2, cut)));
    store.seed(null, [message(2, { status: 'queued', attempt: 2, content: '' })]);
    expect(store.state.messages.at(-1)).to.include({ status: 'queued', content: 'half' });
  });

  it('ask after a reconnect about an answer that may have gone on', async () => {
    const cut = { status: 'stopped', attempt: 1, seq: 3, content: 'half' } as const;
    const tree = new Tree(2, message(1), message(2, cut));
    const store = await follow(tree);
    store.lost();
    tree.messages[1] = message(2, { attempt: 2, seq: 5, content: 'half of it' });
    store.open();
    await rest();
    const cursors = [{ message_id: 2, attempt: 1, seq: 3 }];
    expect(tree.asked.at(-1)?.payload).to.deep.include({ after_message_id: 2, cursors });
    expect(store.state.messages.at(-1)).to.include({ content: 'half of it', status: 'completed' });
  });

  it('are read as a whole after a reconnect when the conversation has changed', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    store.lost();
    tree.messages[0] = message(1, { content: 'changed in its place', sibling_ids: [1, 3] });
    tree.activate(5);
    store.open();
    await rest();
    expect(store.state.messages[0]).to.include({ content: 'changed in its place' });
    expect(siblings(store, 1)).to.deep.equal([1, 3]);
  });

  it('come whole with the ack that selects one, and are read again only for an answer that runs', async () => {
    const tree = twoAnswers();
    const store = await follow(tree);
    const asked = tree.asked.length;
    const [question] = tree.messages;
    if (!question) throw new Error('The tree has a question.');
    const other = message(2, { sibling_ids: [2, 4] });
    const ack = { conversation: tree.activate(2), has_more: false };
    store.selected({ ...ack, messages: [question, other] });
    await rest();
    expect(ids(store)).to.deep.equal([1, 2]);
    expect(tree.asked.slice(asked)).to.deep.equal([]);
    const running = message(6, { parent_id: 1, status: 'streaming', content: '' });
    store.selected({ ...ack, conversation: tree.activate(6), messages: [question, running] });
    await rest();
    expect(tree.asked.slice(asked)).to.have.lengthOf(1);
  });

  it('do not take older messages of the branch that was shown before', async () => {
    const tree = new Tree(4, message(3), message(4));
    let give = (_: Message[]) => {};
    const older = new Promise<Message[]>((resolve) => {
      give = resolve;
    });
    const store = new ConversationStore(1, { call: tree.call, older: () => older, asks: NO_ASKS });
    store.open();
    await rest();
    const loading = store.loadOlder();
    tree.messages.splice(0, 2, message(8, { parent_id: 7 }));
    store.selected({ conversation: tree.activate(8), messages: tree.messages, has_more: true });
    give([message(1), message(2)]);
    await loading;
    expect(ids(store)).to.deep.equal([8]);
  });
});

describe('what changes the branches', () => {
  const setUp = (errors: Error[]) => {
    const asked: { client_id?: string }[] = [];
    const stored: Stored[] = [];
    const deletions: (readonly number[])[] = [];
    const repeater = new Repeater();
    const call = (async (_: string, payload: object) => {
      asked.push(payload);
      const error = errors.shift();
      if (error) throw error;
      return { conversation: {}, message_ids: [3, 4] };
    }) as unknown as Call;
    const done = {
      stored: (data: Stored) => void stored.push(data),
      selected: () => {},
      deleted: (gone: readonly number[]) => void deletions.push(gone),
    };
    const asks = createAsks({ call, repeater, send: NO_ASKS.send, done });
    return { asks, repeater, asked, stored, deletions };
  };
  const calls = {
    edit: (asks: ReturnType<typeof createAsks>) => asks.edit(3, { content: 'x' }),
    regenerate: (asks: ReturnType<typeof createAsks>) => asks.regenerate(3),
    continue: (asks: ReturnType<typeof createAsks>) => asks.continue(3),
  };

  for (const [name, call] of Object.entries(calls)) {
    it(`is asked again under the same id when the connection broke: ${name}`, async () => {
      const { asks, repeater, asked, stored } = setUp([unreachable(), unreachable()]);
      const done = call(asks);
      await rest();
      expect(asked).to.have.length(0);
      repeater.setOnline(true);
      await rest();
      repeater.setOnline(false);
      repeater.setOnline(true);
      await rest();
      repeater.setOnline(true);
      await done;
      expect(asked).to.have.length(3);
      expect(new Set(asked.map(({ client_id }) => client_id)).size).to.equal(1);
      expect(asked[0]?.client_id).to.match(/^[0-9a-f]{32}$/);
      expect(stored).to.have.length(1);
    });
  }

  it('has its own id each time', async () => {
    const { asks, repeater, asked } = setUp([]);
    repeater.setOnline(true);
    await Promise.all([asks.continue(3), asks.continue(3), asks.edit(3, { content: 'x' })]);
    expect(new Set(asked.map(({ client_id }) => client_id)).size).to.equal(3);
  });

  it('is not repeated when it is refused for good', async () => {
    const conflict = new ParleyError({ code: 'conflict', message: 'no', retryable: false });
    const { asks, repeater, asked } = setUp([conflict]);
    repeater.setOnline(true);
    const error = await asks.continue(3).catch((reason: unknown) => reason);
    expect(error).to.equal(conflict);
    expect(asked).to.have.length(1);
  });

  it('counts a deletion that is not found the second time as done, but not the first time', async () => {
    const { asks, repeater, deletions } = setUp([unreachable(), notFound(), notFound()]);
    repeater.setOnline(true);
    const removing = asks.deleteMessage(3);
    await rest();
    repeater.setOnline(true);
    expect(await removing).to.deep.equal({ message_ids: [3] });
    const error = await asks.deleteMessage(3).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'not_found' });
    expect(deletions).to.deep.equal([[3]]);
  });
});
