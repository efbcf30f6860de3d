import { expect } from 'chai';
import { requestFor } from '../../../src/domain/answers/model/model-request.js';
import type { Claim, PromptMessage } from '../../../src/entities/entities.js';
import type { Database } from '../../../src/ports/repositories/repositories.js';

const CLAIM = { messageId: 1, userId: 1, model: null } as Claim;
const DEFAULTS = { model: 'any', systemPrompt: 'Be kind.', temperature: null, maxTokens: null };
const HISTORY: PromptMessage[] = [
  { role: 'user', content: 'Grüße 👋' },
  { role: 'assistant', content: '你好' },
  { role: 'user', content: 'And now?' },
];
/** Bytes of all texts in UTF-8, and four per message. */
const MOST_TOKENS = 8 + 12 + 6 + 8 + 4 * 4;

const databaseWith = (history: PromptMessage[]) =>
  ({
    messages: {
      prompt: async () => ({
        settings: { systemPrompt: null, model: null, temperature: null, maxTokens: null },
        history,
        kept: { text: '', reasoning: '', ms: null },
        beyondId: null,
      }),
    },
  }) as unknown as Database;

async function ask(promptTokens: number) {
  const counted: string[] = [];
  const count = (text: string) => {
    counted.push(text);
    return Buffer.byteLength(text);
  };
  const { request } = await requestFor(
    databaseWith(HISTORY),
    CLAIM,
    { ...DEFAULTS, promptTokens },
    { count },
  );
  return { counted, contents: request.messages.map(({ content }) => content) };
}

describe('The request to the model server', () => {
  it('carries the whole history, uncounted, where each byte could be a token', async () => {
    const { counted, contents } = await ask(MOST_TOKENS);
    expect(counted).to.deep.equal([]);
    expect(contents).to.deep.equal(['Be kind.', ...HISTORY.map(({ content }) => content)]);
  });

  it('is counted as soon as the history could be too long, and the oldest goes first', async () => {
    const { counted, contents } = await ask(MOST_TOKENS - 1);
    expect(counted).to.deep.equal(['Be kind.', 'And now?', '你好', 'Grüße 👋']);
    expect(contents).to.deep.equal(['Be kind.', 'And now?']);
  });

  it('to another model carries what fits the context of that one, and asks for no more than it can write', async () => {
    const limits = {
      any: { contextWindow: 8_000, maxOutput: null },
      small: { contextWindow: 40, maxOutput: 10 },
    };
    const defaults = {
      ...{ ...DEFAULTS, maxTokens: 2_000, promptTokens: 4_000 },
      limitsOf: (model: string) => limits[model as 'any' | 'small'],
    };
    const count = (text: string) => Buffer.byteLength(text);
    const first = await requestFor(databaseWith(HISTORY), CLAIM, defaults, { count });
    expect(first.request).to.include({ model: 'any', maxTokens: 2_000 });
    expect(first.request.messages).to.have.length(4);
    const other = await requestFor(
      databaseWith(HISTORY),
      CLAIM,
      defaults,
      { count },
      { model: 'small' },
    );
    expect(other.request).to.include({ model: 'small', maxTokens: 10 });
    expect(other.request.messages.map(({ content }) => content)).to.deep.equal([
      'Be kind.',
      'And now?',
    ]);
    expect(other).to.include({ asked: 'any' });
    expect(other.context).to.include({ included: 1, omitted: 2 });
    expect(await other.request.recall?.()).to.deep.equal(other.request.messages);
  });
});
