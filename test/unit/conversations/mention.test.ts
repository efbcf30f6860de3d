import { expect } from 'chai';
import { cpuMs } from '../../../lab/cpu-ms.js';
import {
  asksModel,
  mentionedIn,
  mentionsModel,
} from '../../../src/domain/conversations/asks/mention.js';

const ASK = [
  '@ai what is this?',
  'what is this, @AI?',
  '@Ai.',
  'thanks,\n@ai!',
  '(@ai)',
  '"@ai" please',
  '**@ai** please',
  "@ai's turn",
  '问@ai一下',
  '你好，@ai，请回答',
  '@aiさん、お願いします',
  'see `code` @ai',
  '```\ncode\n```\n@ai explain',
  'an unpaired ` and @ai',
  '`a` @ai `b`',
  'me@example.org, and @ai',
  '- @ai',
  '@ai @bob',
];
const ASK_NOT = [
  'no mention',
  '@aide',
  '@ai2',
  '@ai_bot',
  '@ai-bot',
  '@ai.example',
  '@aiñ',
  'x@ai',
  'é@ai',
  'me@ai.example',
  'first.last+x@ai',
  'https://example.org/@ai',
  'https://example.org/?u=@ai',
  '@ai/sdk',
  '@ai@example.org',
  '@@ai',
  'run `npm i @ai`',
  '``a ` @ai``',
  '``a` @ai `b',
  '```\n@ai\n```',
  '~~~\n@ai\n~~~',
  '```ts\nimport "@ai"',
  '',
];

describe('A mention of the model', () => {
  for (const text of ASK) {
    it(`is in ${JSON.stringify(text)}`, () => expect(mentionsModel(text)).to.equal(true));
  }
  for (const text of ASK_NOT) {
    it(`is not in ${JSON.stringify(text)}`, () => expect(mentionsModel(text)).to.equal(false));
  }

  it('of a person is found by name, in any case and width, within the same bounds', () => {
    const names: [text: string, name: string, found: boolean][] = [
      ['@Ada, look', 'ada', true],
      ['问@ada一下', 'Ada', true],
      ['＠ＡＤＡ', 'ada', true],
      ['@straße', 'STRASSE', true],
      ['(@ada.l)', 'ada.l', true],
      ['@a+b', 'a+b', true],
      ['@mary ann', 'Mary Ann', true],
      ['ada', 'ada', false],
      ['@adam', 'ada', false],
      ['x@ada', 'ada', false],
      ['@ada@example.org', 'ada', false],
      ['@adaXl', 'ada.l', false],
      ['`@ada`', 'ada', false],
    ];
    for (const [text, name, found] of names)
      expect(mentionedIn(text)(name), `${text} ${name}`).to.equal(found);
  });

  it('is found in a long text of half-open marks in little time', () => {
    const growing = Array.from({ length: 250 }, (_, i) => `x${'`'.repeat(i + 1)}`).join('');
    const unclosed = `x${'`'.repeat(16_000)}${'x'.repeat(16_000)}`;
    const pieces = ['`', '` ', '``\n', '~~~\n', '@a', '@ai_', '\n```'];
    for (const text of [
      growing,
      unclosed,
      ...pieces.map((piece) => piece.repeat(32_000 / piece.length)),
    ]) {
      const ms = cpuMs(() => mentionsModel(`${text} @ai`));
      expect(ms, text.slice(0, 20)).to.be.below(1_000);
    }
  });

  it('decides only where the sender has not, and the mode asks for it', () => {
    const content = 'hello';
    expect(asksModel({ reply_mode: 'always' }, { content })).to.equal(true);
    expect(asksModel({ reply_mode: 'mention' }, { content })).to.equal(false);
    expect(asksModel({ reply_mode: 'mention' }, { content: '@ai hello' })).to.equal(true);
    expect(asksModel({ reply_mode: 'mention' }, { content, answer: true })).to.equal(true);
    expect(asksModel({ reply_mode: 'always' }, { content: '@ai', answer: false })).to.equal(false);
  });
});
