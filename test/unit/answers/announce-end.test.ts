import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import {
  announceEnd,
  announceStoredEnd,
  type EndRights,
} from '../../../src/domain/answers/announce-end.js';
import type { FinishedMessage, Outcome } from '../../../src/entities/entities.js';
import type { LogSlice, PublishResult } from '../../../src/ports/live-log.js';

const KEY = { conversationId: 1, messageId: 2 };
const OUTCOME: Outcome = {
  status: 'completed',
  content: 'äb',
  sha256: '5d0c',
  reasoning: null,
  reasoningMs: null,
  vendor: null,
  model: null,
  context: null,
  cursor: { attempt: 3, seq: 4 },
  finishReason: 'stop',
  usage: null,
  currency: null,
  error: null,
};

describe('The end of an answer', () => {
  const announce = async (
    told: PublishResult,
    retire: boolean,
    forgets: boolean,
    isWhole = true,
  ) => {
    const calls: unknown[] = [];
    const log = {
      publish: async (...args: unknown[]) => {
        calls.push(['publish', ...args]);
        return told;
      },
      retire: async (key: object) => void calls.push(['retire', key]),
      resync: async (id: number) => void calls.push(['resync', id]),
      read: async () => null,
    };
    const forget = async () => void calls.push(['forget']);
    const rights: EndRights = { isWhole, retire, forget: forgets ? forget : null };
    const news = { tell: async (id: number) => void calls.push(['tell', id]) };
    await announceEnd({ log, news }, KEY, OUTCOME, rights);
    return calls;
  };
  const TOLD = ['tell', 1];
  const event = [
    'publish',
    1,
    {
      name: 'message:completed',
      payload: {
        conversation_id: 1,
        message_id: 2,
        attempt: 3,
        seq: 4,
        bytes: 3,
        sha256: '5d0c',
        status: 'completed',
        finish_reason: 'stop',
        usage: null,
        error: null,
      },
    },
  ];

  it('is announced by its owner first, then its log is retired, then its generation forgotten, then lists are told', async () => {
    expect(await announce('appended', true, true)).to.deep.equal([
      event,
      ['retire', KEY],
      ['forget'],
      TOLD,
    ]);
  });

  it('makes readers read what is stored if the log lacks some of its text', async () => {
    expect(await announce('appended', true, true, false)).to.deep.equal([
      event,
      ['resync', 1],
      ['retire', KEY],
      ['forget'],
      TOLD,
    ]);
  });

  it('stays ordered in Postgres when other nodes have not got it', async () => {
    expect(await announce('unreachable', true, true)).to.deep.equal([event, ['retire', KEY], TOLD]);
    expect(await announce('unreachable', false, true)).to.deep.equal([event, TOLD]);
  });

  it('leaves a log alone that whoever announces it does not own', async () => {
    expect(await announce('appended', false, true)).to.deep.equal([event, ['forget'], TOLD]);
  });

  it('is only told by whoever does not know whether its owner lives', async () => {
    expect(await announce('appended', false, false)).to.deep.equal([event, TOLD]);
  });

  it('makes readers read what is stored, also for a node that only found it, if no log has all of it', async () => {
    const message = {
      ...{ id: 2, conversation_id: 1, status: 'completed', content: 'äb', attempt: 3, seq: 4 },
      ...{ sha256: '5d0c', finish_reason: 'stop', usage: null, error: null },
    } as FinishedMessage;
    const resyncs = async (found: LogSlice | null, stored = message) => {
      const asked: unknown[] = [];
      const log = {
        publish: async () => 'appended' as const,
        retire: async () => {},
        read: async (...args: unknown[]) => {
          asked.push(args);
          return found;
        },
        resync: async (id: number) => void asked.push(id),
      };
      await announceStoredEnd({ log, news: { tell: async () => {} } }, stored, {
        retire: true,
        forget: null,
      });
      return asked;
    };
    const read = [KEY, { attempt: 3, seq: 3 }];
    expect(await resyncs(null)).to.deep.equal([read, 1]);
    const slice = { fromSeq: 3, text: '' };
    expect(await resyncs({ attempt: 3, seq: 3, ...slice })).to.deep.equal([read, 1]);
    expect(await resyncs({ attempt: 2, seq: 9, ...slice })).to.deep.equal([read, 1]);
    expect(await resyncs({ attempt: 3, seq: 4, ...slice })).to.deep.equal([read]);
    expect(await resyncs({ attempt: 4, seq: 1, ...slice })).to.deep.equal([read]);
    expect(await resyncs(null, { ...message, seq: 0 })).to.deep.equal([]);
  });

  it('is announced by one function, whoever does it', async () => {
    const files = await readdir('src', { recursive: true });
    const texts = files
      .filter((file) => file.endsWith('.ts'))
      .map(async (file) => [file, await readFile(`src/${file}`, 'utf8')] as const);
    const callers = (await Promise.all(texts)).filter(([, text]) =>
      text.includes('completedEvent('),
    );
    expect(callers.map(([file]) => file)).to.deep.equal(['domain/answers/announce-end.ts']);
  });
});
