import { expect } from 'chai';
import { requestFor } from '../../src/domain/answers/model-request.js';
import type { Claim, PromptMessage } from '../../src/model/entities.js';
import type { Database } from '../../src/ports/repositories.js';

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
});
