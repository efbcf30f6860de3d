import { expect } from 'chai';
import fc from 'fast-check';
import { buildPrompt } from '../../src/domain/answers/prompt.js';
import type { PromptMessage } from '../../src/domain/entities.js';

const user = (content: string): PromptMessage => ({ role: 'user', content });
const assistant = (content: string): PromptMessage => ({ role: 'assistant', content });
const system = (content: string): PromptMessage => ({ role: 'system', content });
/** One token a character, so that budgets can be read off; each message costs 4 more. */
const count = (text: string) => text.length;

describe('buildPrompt', () => {
  it('sends everything, oldest first, when it fits', () => {
    const history = [user('one'), assistant('two'), user('three')];
    const prompt = buildPrompt({ system: 'sys', history, maxTokens: 1_000, count });
    expect(prompt).to.deep.equal([system('sys'), ...history]);
  });

  it('lets the oldest go first and does not begin with the answer to what has gone', () => {
    const history = [
      user('aaaa'),
      assistant('bbbb'),
      user('cccc'),
      assistant('dddd'),
      user('eeee'),
    ];
    const fits = (maxTokens: number) =>
      buildPrompt({ system: 'ssss', history, maxTokens, count }).map((m) => m.content);
    expect(fits(48)).to.deep.equal(['ssss', 'aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']);
    expect(fits(47)).to.deep.equal(['ssss', 'cccc', 'dddd', 'eeee']);
    expect(fits(31)).to.deep.equal(['ssss', 'eeee']);
  });

  it('sends the system prompt and the newest message whole even when they alone are over the budget', () => {
    const history = [user('old'), assistant('older'), user('x'.repeat(500))];
    const prompt = buildPrompt({ system: 'sys', history, maxTokens: 10, count });
    expect(prompt).to.deep.equal([system('sys'), user('x'.repeat(500))]);
  });

  it('keeps the question of an answer that is to be continued', () => {
    const history = [user('old'), assistant('old too'), user('tell me'), assistant('once upon')];
    const prompt = buildPrompt({ system: '', history, maxTokens: 5, count });
    expect(prompt).to.deep.equal([user('tell me'), assistant('once upon')]);
  });

  it('leaves out empty answers and an empty system prompt', () => {
    const history = [user('a'), assistant(''), user('b')];
    const prompt = buildPrompt({ system: '', history, maxTokens: 100, count });
    expect(prompt).to.deep.equal([user('a'), user('b')]);
  });

  it('counts only from the newest down to the first that does not fit', () => {
    const history = Array.from({ length: 1_000 }, (_, i) => user(`message ${i}`.padEnd(16)));
    const counted: string[] = [];
    const watch = (text: string) => counted.push(text) && text.length;
    const prompt = buildPrompt({ system: '', history, maxTokens: 60, count: watch });
    expect(prompt).to.have.length(3);
    expect(counted).to.have.length(4);
  });

  it('is always a suffix of the history within the budget, or only what must be sent', () => {
    const message = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const),
      content: fc.string({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(message), fc.nat(120), (older, maxTokens) => {
        const history = [...older, user('newest')];
        const prompt = buildPrompt({ system: 's', history, maxTokens, count });
        const sent = history.filter((m) => !(m.role === 'assistant' && m.content === ''));
        expect(prompt.slice(1)).to.deep.equal(sent.slice(sent.length - prompt.length + 1));
        const tokens = prompt.reduce((sum, m) => sum + m.content.length + 4, 0);
        expect(prompt.length === 2 || tokens <= maxTokens).to.equal(true);
        expect(prompt[1]?.role).to.equal('user');
      }),
    );
  });
});
