import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Silence } from '../../../src/client/connection/silence.js';
import { ConversationStore } from '../../../src/client/conversation/conversation-store.js';
import { ConversationList } from '../../../src/client/lists/conversation-list.js';
import { RowWatch } from '../../../src/client/lists/row-watch.js';
import { ParleyError } from '../../../src/client/parley-error.js';
import { conversation, Model, message, NO_ASKS } from './conversation-model.js';

const MINUTE = 60_000;

describe('a client that waits and hears nothing', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  const settle = async () => {
    for (let turns = 0; turns < 12; turns += 1) await turn();
  };
  /** Lets time pass, and lets everything that begins in it finish. */
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 500) {
      mock.timers.tick(500);
      await settle();
    }
  };
  const running = async () => {
    const model = new Model();
    const store = new ConversationStore(1, {
      call: model.call,
      older: async () => [],
      asks: NO_ASKS,
    });
    store.open();
    await settle();
    store.receive(model.begin(4));
    store.updated(conversation(4));
    return { model, store, last: () => store.state.messages.at(-1) };
  };

  it('asks after eight seconds at most, then less and less often, each minute in the end', () => {
    const at: number[] = [];
    let now = 0;
    const silence = new Silence(() => at.push(now));
    silence.wait(true);
    for (; now < 10 * MINUTE; now += 100) mock.timers.tick(100);
    const waits = at.map((time, index) => time - (at[index - 1] ?? 0));
    const steps = [8_000, 16_000, 32_000, ...Array<number>(20).fill(MINUTE)];
    expect(waits.length).to.be.within(11, 16);
    for (const [index, wait] of waits.entries()) {
      const step = steps[index] ?? 0;
      expect(wait).to.be.within(step * 0.75 - 100, step + 100);
    }
  });

  it('does not ask together with others that fell silent at the same moment', () => {
    const at = new Set<number>();
    let now = 0;
    for (let client = 0; client < 50; client += 1) new Silence(() => at.add(now)).wait(true);
    for (; now < 8_000; now += 20) mock.timers.tick(20);
    expect(at.size).to.be.greaterThan(20);
  });

  it('has the text and the end that nobody told it of', async () => {
    const { model, store, last } = await running();
    store.receive(model.write('heard, '));
    model.write('and lost');
    model.finish();
    await pass(8_000);
    expect(last()).to.include({ content: 'heard, and lost', status: 'completed' });
    expect(store.state.phase).to.equal('open');
  });

  it('has what was lost before the first piece of text came', async () => {
    const { model, last } = await running();
    model.write('all of it');
    await pass(8_000);
    expect(last()).to.include({ content: 'all of it', status: 'streaming' });
  });

  it('has the answers that came meanwhile', async () => {
    const { model, store } = await running();
    model.write('one');
    model.finish();
    model.messages.push(message(5), message(6));
    await pass(8_000);
    expect(store.state.messages.map(({ id }) => id)).to.deep.equal([1, 2, 4, 5, 6]);
  });

  it('is quick again once something came, though it had asked in vain before', async () => {
    const { model, store, last } = await running();
    await pass(3 * MINUTE);
    store.receive(model.write('a'));
    model.write('b');
    await pass(8_000);
    expect(last()?.content).to.equal('ab');
    model.write('c');
    await pass(8_000);
    expect(last()?.content).to.equal('abc');
  });

  it('asks nothing while text flows', async () => {
    const { model, store } = await running();
    for (let piece = 0; piece < 40; piece += 1) {
      store.receive(model.write('a'));
      await pass(3_000);
    }
    expect(model.opens().length).to.equal(1);
  });

  it('asks nothing when nothing runs any more, and nothing without a connection', async () => {
    const { model, store } = await running();
    store.lost();
    await pass(5 * MINUTE);
    expect(model.opens().length).to.equal(1);
    store.open();
    await settle();
    store.receive(model.finish());
    await pass(5 * MINUTE);
    expect(model.opens().length).to.equal(2);
  });

  it('asks at a bounded rate, however long an answer takes', async () => {
    const { model } = await running();
    await pass(10 * MINUTE);
    expect(model.opens().length).to.be.within(10, 18);
  });

  it('shows what comes while it asks in the right order, and stays open', async () => {
    const { model, store, last } = await running();
    const phases = new Set<string>();
    store.subscribe(({ phase }) => phases.add(phase));
    model.write('lost ');
    mock.timers.tick(8_000);
    store.receive(model.write('heard'));
    await settle();
    expect(last()?.content).to.equal('lost heard');
    expect([...phases]).to.deep.equal(['open']);
  });

  it('shows what comes after a question that was refused, and asks again', async () => {
    const { model, store, last } = await running();
    const phases = new Set<string>();
    store.subscribe(({ phase }) => phases.add(phase));
    model.refuseNext = new ParleyError({ code: 'rate_limited', message: '', retryable: true });
    mock.timers.tick(8_000);
    store.receive(model.write('heard'));
    await settle();
    expect(last()?.content).to.equal('heard');
    model.write(' and lost');
    await pass(1_000);
    expect(last()?.content).to.equal('heard and lost');
    expect([...phases]).to.deep.equal(['open']);
  });

  it('reads the conversations of the list that seem to be answering for long, as long as they do', async () => {
    const running = { message_id: 4, attempt: 1, status: 'streaming' } as const;
    const list = new ConversationList(
      async () => ({ conversations: [], next_cursor: null }) as never,
    );
    const read: number[] = [];
    const watch = new RowWatch({
      lists: [list],
      read: async (id) => {
        read.push(id);
        return { ...conversation(4), answer: { ...running, status: 'completed' } };
      },
      changed: (item) => list.put(item),
    });
    watch.setOnline(true);
    list.put({ ...conversation(4), answer: null });
    await pass(2 * MINUTE);
    expect(read).to.deep.equal([]);
    list.answered(1, running);
    await pass(40_000);
    watch.heard();
    await pass(40_000);
    expect(read).to.deep.equal([]);
    await pass(20_000);
    expect(read).to.deep.equal([1]);
    expect(list.state.conversations[0]?.answer?.status).to.equal('completed');
    await pass(5 * MINUTE);
    expect(read).to.deep.equal([1]);
  });
});
