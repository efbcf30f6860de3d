import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import {
  TitleService,
  type TitleServiceDeps,
} from '../../../src/domain/conversations/title-service.js';
import { titleIn } from '../../../src/domain/conversations/title-text.js';
import type { Claim } from '../../../src/model/entities.js';

type Stream = TitleServiceDeps['provider']['stream'];

const MOST_PIECES = 1_000;

/** Titles of a model that goes on for ever. */
async function endless(
  pieceOf: (hear: { text: (piece: string) => void; thought: (piece: string) => void }) => void,
) {
  const given: string[] = [];
  const charged: (number | undefined)[] = [];
  let pieces = 0;
  const stream: Stream = async (_, text, signal, __, hears) => {
    const thought = (piece: string) => hears?.reasoning?.(piece);
    for (; pieces < MOST_PIECES && !signal.aborted; pieces += 1) pieceOf({ text, thought });
    signal.throwIfAborted();
    return { finishReason: 'stop', usage: null };
  };
  const deps = {
    db: {
      titles: { take: async () => 'First words', give: async () => given.push('given') },
      usage: {
        reserve: async () => 7,
        settle: async (_: number, __: number, charge: { tokens: number } | null) =>
          charged.push(charge?.tokens),
      },
      messages: { prompt: async () => ({ settings: {}, history: [{ content: 'Why?' }] }) },
    },
    provider: { stream },
    models: { priceOf: () => null },
    tokenizer: { count: (text: string) => text.length },
    conversations: { announceChange: async () => {} },
    logger: pino({ level: 'silent' }),
  } as unknown as TitleServiceDeps;
  const service = new TitleService(deps, { enabled: true, model: null, defaultModel: 'm' });
  service.completed({ conversationId: 1, messageId: 2, userId: 3, model: null } as Claim, 'So.');
  for (let turns = 0; turns < 20; turns += 1) await turn();
  await service.stop();
  return { pieces, given, charged };
}

describe('A title', () => {
  it('is given up when the model says or thinks far more than a title, and is paid for', async () => {
    const long = 'x'.repeat(1_000);
    for (const piece of ['text', 'thought'] as const) {
      const { pieces, given, charged } = await endless((hear) => hear[piece](long));
      expect(pieces).to.be.within(1, 70);
      expect(given).to.deep.equal([]);
      expect(charged).to.have.length(1);
      expect(charged[0]).to.be.above(1_000);
    }
  });

  it('is found behind any number of blanks, and none is found among them alone', () => {
    const blanks = ' '.repeat(1_000_000);
    expect(titleIn(`${blanks}x${blanks}y`)).to.equal(null);
    expect(titleIn(`${blanks}\nRainbows${blanks}`)).to.equal('Rainbows');
  });
});
