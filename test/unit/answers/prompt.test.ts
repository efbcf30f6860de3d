import { expect } from 'chai';
import fc from 'fast-check';
import { buildPrompt } from '../../../src/domain/answers/model/prompt.js';
import type { PromptMessage } from '../../../src/entities/entities.js';

const user = (content: string): PromptMessage => ({ role: 'user', content });
const assistant = (content: string): PromptMessage => ({ role: 'assistant', content });
const system = (content: string): PromptMessage => ({ role: 'system', content });
/** One token per character, so that budgets are easy to read. Each message costs 4 more. */
const count = (text: string) => text.length;
const ENOUGH = 1_000_000;

const build = async (history: PromptMessage[], maxTokens = ENOUGH, systemPrompt = '') =>
  (await buildPrompt({ system: systemPrompt, history, maxTokens, count })).messages;

const tokens = (prompt: PromptMessage[]) =>
  prompt.reduce((sum, { content }) => sum + content.length + 4, 0);

const textsOfUser = (messages: PromptMessage[]) =>
  messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) => content)
    .join('\n\n');

/**
 * A strict chat template accepts this: perhaps a system message, then user and assistant in turn, ending with the user.
 */
function expectDialogue(prompt: PromptMessage[]): void {
  const dialogue = prompt.slice(prompt[0]?.role === 'system' ? 1 : 0);
  const wanted = dialogue.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant'));
  expect(dialogue.map(({ role }) => role)).to.deep.equal(wanted);
  expect(dialogue.length % 2).to.equal(1);
}

describe('buildPrompt', () => {
  it('sends everything, oldest first, when it fits', async () => {
    const history = [user('one'), assistant('two'), user('three')];
    expect(await build(history, 1_000, 'sys')).to.deep.equal([system('sys'), ...history]);
  });

  it('lets the oldest go first and does not begin with the answer to what has gone', async () => {
    const history = [
      user('aaaa'),
      assistant('bbbb'),
      user('cccc'),
      assistant('dddd'),
      user('eeee'),
    ];
    const fits = async (maxTokens: number) =>
      (await build(history, maxTokens, 'ssss')).map((m) => m.content);
    expect(await fits(48)).to.deep.equal(['ssss', 'aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']);
    expect(await fits(47)).to.deep.equal(['ssss', 'cccc', 'dddd', 'eeee']);
    expect(await fits(31)).to.deep.equal(['ssss', 'eeee']);
  });

  it('sends the system prompt and the newest message whole even when they alone are over the budget', async () => {
    const history = [user('old'), assistant('older'), user('x'.repeat(500))];
    const prompt = await build(history, 10, 'sys');
    expect(prompt).to.deep.equal([system('sys'), user('x'.repeat(500))]);
  });

  it('counts only from the newest down to the first that does not fit', async () => {
    const history = Array.from({ length: 1_000 }, (_, i) => user(`message ${i}`.padEnd(16)));
    const counted: string[] = [];
    const watch = (text: string) => counted.push(text) && text.length;
    const { messages: prompt } = await buildPrompt({
      system: '',
      history,
      maxTokens: 60,
      count: watch,
    });
    const sent = history.slice(-3).map(({ content }) => content);
    expect(prompt).to.deep.equal([user(sent.join('\n\n'))]);
    expect(counted).to.have.length(4);
  });

  it('lets the event loop turn while it counts a long history', async () => {
    const history = Array.from({ length: 40 }, () => user('x'.repeat(32_000)));
    let turns = 0;
    let done = false;
    const turn = () => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await build(history);
    done = true;
    expect(turns).to.be.at.least(25);
  });

  describe('makes a dialogue that strict chat templates take', () => {
    const CASES: Record<string, { history: PromptMessage[]; sent: PromptMessage[] }> = {
      'after an answer without text: failed, refused inside a 200, or stopped in the queue': {
        history: [user('a'), assistant(''), user('b')],
        sent: [user('a\n\nb')],
      },
      'after many of them': {
        history: [user('a'), assistant(''), user('a'), assistant(''), user('a'), assistant('')],
        sent: [user('a\n\na\n\na')],
      },
      'after an answer of nothing but white space': {
        history: [user('a'), assistant(' \n\t\u00a0'), user('b')],
        sent: [user('a\n\nb')],
      },
      'after an answer that was cut: its text is kept': {
        history: [user('a'), assistant('par'), user('b')],
        sent: [user('a'), assistant('par'), user('b')],
      },
      'with answers in a row': {
        history: [user('a'), assistant('b'), assistant('c'), user('d')],
        sent: [user('a'), assistant('b\n\nc'), user('d')],
      },
      'with an answer first': {
        history: [assistant('a'), user('b')],
        sent: [user('b')],
      },
      'with a system message among the others, which joins the system prompt': {
        history: [user('a'), system('be brief'), user('b'), assistant('c'), user('d')],
        sent: [system('be brief'), user('a\n\nb'), assistant('c'), user('d')],
      },
      'with an answer last, which nobody has asked to go on': {
        history: [user('a'), assistant('b'), user('c'), assistant('d')],
        sent: [user('a'), assistant('b'), user('c')],
      },
      'with blank questions among the others': {
        history: [user('a'), user(' '), assistant('b'), user('\n'), assistant('c'), user(' d ')],
        sent: [user('a'), assistant('b\n\nc'), user(' d ')],
      },
      'with a blank question alone': { history: [user(' ')], sent: [user(' ')] },
    };
    for (const [name, { history, sent }] of Object.entries(CASES)) {
      it(name, async () => {
        expect(await build(history)).to.deep.equal(sent);
      });
    }

    it('with a blank system prompt, which is left out', async () => {
      expect(await build([user('a')], ENOUGH, ' \n')).to.deep.equal([user('a')]);
      expect(await build([user('a')], ENOUGH, '')).to.deep.equal([user('a')]);
    });

    it('cuts a turn of several questions between them, never the newest', async () => {
      const history = [user('aaaa'), assistant(''), user('bbbb'), assistant(''), user('cccc')];
      expect(await build(history, 24)).to.deep.equal([user('aaaa\n\nbbbb\n\ncccc')]);
      expect(await build(history, 23)).to.deep.equal([user('bbbb\n\ncccc')]);
      expect(await build(history, 1)).to.deep.equal([user('cccc')]);
    });
  });

  it('alternates, begins and ends with the user, loses no text of the user and keeps to the budget, whatever is stored', async () => {
    const message = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const, 'system' as const),
      content: fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', ' ', '\n\n', '\u3000')),
    });
    const budget = fc.oneof(fc.nat(200), fc.constant(ENOUGH));
    await fc.assert(
      fc.asyncProperty(fc.array(message), budget, fc.string(), async (older, maxTokens, head) => {
        const history = [...older, user('newest')];
        const prompt = await build(history, maxTokens, head);
        expectDialogue(prompt);
        expect(prompt.at(-1)?.content.endsWith('newest')).to.equal(true);
        const spare = tokens([system(head), user('newest')]);
        expect(tokens(prompt)).to.be.at.most(Math.max(maxTokens, spare));
        if (maxTokens < ENOUGH) return;
        const asked = history.filter(({ content }) => content.trim());
        expect(textsOfUser(prompt)).to.equal(textsOfUser(asked));
      }),
    );
  });

  it('ends with the text that is to go on and the order to do so, between the same rules', async () => {
    const history = [user('one'), assistant('two'), user('three')];
    const { messages: prompt } = await buildPrompt({
      system: 'sys',
      history,
      kept: 'half',
      maxTokens: ENOUGH,
      count,
    });
    expect(prompt.slice(0, -1)).to.deep.equal([system('sys'), ...history, assistant('half')]);
    expectDialogue(prompt);
  });

  it('sends of a long text that is to go on its end, in whole characters, and its question', async () => {
    const kept = `${'x'.repeat(1_000)}👩${'y'.repeat(99)}`;
    const history = [user('old'.repeat(100)), assistant('older'), user('q')];
    const { messages: prompt } = await buildPrompt({
      system: '',
      history,
      kept,
      maxTokens: 200,
      count,
    });
    expectDialogue(prompt);
    const [question, half] = prompt;
    expect(question).to.deep.equal(user('q'));
    expect(half).to.deep.equal(assistant('y'.repeat(99)));
  });
});
