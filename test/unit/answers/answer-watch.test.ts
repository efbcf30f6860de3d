import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createMemoryHub, type MemoryHub } from '../../../src/adapters/memory/hub.js';
import { createMemoryLog } from '../../../src/adapters/memory/live-log.js';
import type { Message } from '../../../src/contract/rest.js';
import { AnswerWatch } from '../../../src/domain/answers/reading/answer-watch.js';
import { AppError, unavailable } from '../../../src/entities/errors.js';
import { expectNoRejections } from '../../support/rejections.js';

const message = (status: Message['status']): Message => ({
  id: 2,
  conversation_id: 1,
  parent_id: 1,
  role: 'assistant',
  author: null,
  status,
  content: '',
  sha256: null,
  reasoning: null,
  reasoning_ms: null,
  context: null,
  model: null,
  attempt: 1,
  seq: 0,
  client_id: null,
  finish_reason: null,
  usage: null,
  error: null,
  created_at: '2026-01-01T00:00:00.000Z',
  completed_at: null,
  sibling_ids: [2],
});

describe('the watch over an answer', () => {
  let hub: MemoryHub;

  beforeEach(() => {
    hub = createMemoryHub();
  });
  afterEach(() => hub.logs.stop());
  expectNoRejections();

  /** Postgres' replies, one per read. */
  const watch = (...replies: (() => Promise<Message | null>)[]) => {
    const read = () => replies.shift()?.() ?? Promise.resolve(message('streaming'));
    return new AnswerWatch(createMemoryLog(hub)).begin(message('streaming'), read);
  };

  it('waits an outage of Postgres out', async () => {
    const watched = await watch(
      () => Promise.reject(unavailable(new Error('gone'))),
      async () => message('completed'),
    );
    await turn();
    hub.resync(1);
    expect(await watched.ended).to.include({ status: 'completed' });
  });

  it('fails when the answer is gone, which nobody need wait for', async () => {
    const watched = await watch(async () => null);
    await turn();
    const error = await watched.ended.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(AppError).and.to.include({ code: 'not_found' });
  });

  it('may hear of the end while it is still on its way to hear of it', async () => {
    const log = createMemoryLog(hub);
    const subscribe: typeof log.subscribe = async (id, reader) => {
      const subscription = await log.subscribe(id, reader);
      await turn();
      hub.resync(1);
      await turn();
      return subscription;
    };
    const read = async () => message('completed');
    const watched = await new AnswerWatch({ subscribe }).begin(message('streaming'), read);
    expect(await watched.ended).to.include({ status: 'completed' });
  });

  it('hears nothing more after it was closed', async () => {
    let asked = 0;
    const count = async () => {
      asked += 1;
      return message('streaming');
    };
    const watched = await watch(count, count);
    watched.close();
    hub.resync(1);
    expect(asked).to.equal(1);
  });
});
