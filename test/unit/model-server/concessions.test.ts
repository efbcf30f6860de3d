import { expect } from 'chai';
import { APIError } from 'openai';
import {
  type Concession,
  concessionFor,
} from '../../../src/adapters/openai/requests/concessions.js';
import { KnownRefusals } from '../../../src/adapters/openai/requests/known-refusals.js';
import type { Parameters } from '../../../src/adapters/openai/requests/parameters.js';

const PARAMETERS: Parameters = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello.' },
    { role: 'user', content: 'And?' },
  ],
  stream: true,
  stream_options: { include_usage: true },
  user: '42',
  temperature: 0.3,
  max_tokens: 20_000,
};

const refusal = (status: number, message: string, rest: object = {}) =>
  APIError.generate(status, { error: { message, ...rest } }, undefined, new Headers());

const nameOf = (status: number, message: string, rest: object = {}) =>
  concessionFor(PARAMETERS, refusal(status, message, rest))?.name ?? null;

/** Messages of real servers. */
const NO_SYSTEM: [status: number, message: string, rest?: object][] = [
  [400, 'System role not supported'],
  [500, 'Jinja Exception: System role not supported'],
  [422, 'Template error: invalid operation: System role not supported (in <string>:1)'],
  [400, 'Only user and assistant roles are supported!'],
  [
    500,
    'Error rendering prompt with jinja template: "Only user and assistant roles are supported!".',
  ],
  [400, 'Conversation roles must alternate user/assistant/user/assistant/...'],
  [500, 'After the optional system message, conversation roles must alternate user/assistant/...'],
  [400, 'messages: role system is not allowed'],
  [400, 'Developer instruction is not enabled for models/gemma-3-27b-it'],
  [400, "This model doesn't support system messages. Try again without a system message."],
  [400, 'System instructions are not supported by this model'],
  [
    400,
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    { param: 'messages[0].role', code: 'unsupported_value' },
  ],
  [
    400,
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
  ],
  [
    422,
    `Input tag 'system' found using 'role' does not match any of the expected tags: 'user', 'assistant'`,
  ],
  [
    422,
    `[{"loc":["body","messages",0,"role"],"msg":"unexpected value; permitted: 'user', 'assistant'"}]`,
  ],
  [400, 'Invalid role: system. Expected user or assistant'],
  [500, 'jinja2.exceptions.TemplateError: raise_exception'],
  [404, 'No endpoints found that do not reject the system role'],
];

const NOT_ABOUT_IT: [status: number, message: string][] = [
  [400, "This model's maximum context length is 4096 tokens"],
  [401, 'System role not supported'],
  [429, 'System role not supported'],
  [503, 'The system is not available'],
  [500, 'Internal system error, this should not happen'],
  [500, 'The server had an error while processing your request'],
  [404, 'The model `m` does not exist'],
];

describe('What a request does without when the server refuses it', () => {
  for (const [status, message, rest] of NO_SYSTEM) {
    it(`is the system role after ${status} "${message.slice(0, 60)}"`, () => {
      const concession = concessionFor(PARAMETERS, refusal(status, message, rest));
      expect(concession?.apply(PARAMETERS).messages).to.deep.equal([
        { role: 'user', content: 'Be brief.\n\nHi' },
        ...PARAMETERS.messages.slice(2),
      ]);
      expect(concession?.lasting).to.equal(true);
    });
  }

  for (const [status, message] of NOT_ABOUT_IT) {
    it(`is nothing after ${status} "${message.slice(0, 60)}"`, () => {
      expect(nameOf(status, message)).to.equal(null);
    });
  }

  it('is the system role at most once', () => {
    const folded = concessionFor(PARAMETERS, refusal(400, 'System role not supported'));
    const again = folded?.apply(PARAMETERS) ?? PARAMETERS;
    expect(concessionFor(again, refusal(400, 'System role not supported'))).to.equal(null);
    const alone = { ...PARAMETERS, messages: PARAMETERS.messages.slice(0, 1) };
    expect(concessionFor(alone, refusal(400, 'System role not supported'))).to.equal(null);
  });

  it('is the parameter that it names, for good when no value of it is taken', () => {
    const said = (message: string, rest: object = {}) => {
      const concession = concessionFor(PARAMETERS, refusal(400, message, rest));
      return [concession?.name, concession?.lasting];
    };
    const temperature = "'temperature' does not support 0.3 with this model. Only 1 is supported.";
    const code = 'unsupported_value';
    expect(said(`Unsupported value: ${temperature}`, { param: 'temperature', code })).to.deep.equal(
      ['without temperature', true],
    );
    expect(said('Unknown parameter: stream_options')).to.deep.equal([
      'without stream_options',
      true,
    ]);
    expect(said('Extra inputs are not permitted: "user"')).to.deep.equal(['without user', true]);
    const renamed = "'max_tokens' is not supported here. Use 'max_completion_tokens' instead.";
    expect(said(renamed, { param: 'max_tokens' })).to.deep.equal(['rename max_tokens', true]);
  });

  it('is a parameter for this request alone when only its value is refused', () => {
    const message =
      'max_tokens is too large: 20000. This model supports at most 16384 completion tokens';
    const error = refusal(400, message, { param: 'max_tokens', code: 'invalid_value' });
    expect(concessionFor(PARAMETERS, error)).to.include({
      name: 'without max_tokens',
      lasting: false,
    });
  });
});

describe('What a model is known to refuse', () => {
  const concession = (name: string, lasting = true): Concession => ({
    name,
    lasting,
    apply: (parameters) => ({ ...parameters, user: `${parameters.user ?? ''}+${name}` }),
  });
  const spared = (known: KnownRefusals, model = 'm') => known.spare({ ...PARAMETERS, model }).user;

  it('is spared from then on, of that model alone', () => {
    const known = new KnownRefusals();
    known.learn('m', [concession('a'), concession('b')]);
    known.learn('m', [concession('c'), concession('once', false)]);
    expect(spared(known)).to.equal('42+a+b+c');
    expect(spared(known, 'n')).to.equal('42');
  });

  it('is tried again after an hour', () => {
    let now = 0;
    const known = new KnownRefusals(() => now);
    known.learn('m', [concession('a')]);
    now = 3_599_999;
    expect(spared(known)).to.equal('42+a');
    now = 3_600_000;
    expect(spared(known)).to.equal('42');
  });

  it('is kept of so many models at most', () => {
    const known = new KnownRefusals();
    for (let i = 0; i <= 1_000; i++) known.learn(`m${i}`, [concession('a')]);
    expect(spared(known, 'm0')).to.equal('42');
    expect(spared(known, 'm1')).to.equal('42+a');
    expect(spared(known, 'm1000')).to.equal('42+a');
  });
});
