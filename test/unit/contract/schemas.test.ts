import { expect } from 'chai';
import fc from 'fast-check';
import type Joi from 'joi';
import { cpuMs } from '../../../lab/cpu-ms.js';
import type { FieldError } from '../../../src/contract/errors.js';
import type { Language } from '../../../src/contract/language.js';
import { LIMITS } from '../../../src/contract/limits.js';
import { AppError } from '../../../src/entities/errors.js';
import { VALIDATION_MESSAGES } from '../../../src/entities/validation-messages.js';
import * as adminSchemas from '../../../src/validation/admin-schemas.js';
import * as contractSchemas from '../../../src/validation/schemas.js';
import {
  chatBody,
  conversationFields,
  conversationListQuery,
  eventSchemas,
  idParams,
  loginBody,
  logoutQuery,
  messagePageQuery,
  refreshBody,
  registerBody,
  updateUserBody,
} from '../../../src/validation/schemas.js';
import { validate } from '../../../src/validation/validate.js';

const ACCOUNT = { email: 'ann@example.com', username: 'ann', password: 'SecurePass123!' };

function problems(schema: Joi.ObjectSchema, value: unknown, language: Language = 'en') {
  try {
    validate(schema, value, language);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'validation_failed')
      return error.details(language) ?? [];
    throw error;
  }
}

const paths = (found: FieldError[]) => [...new Set(found.map(({ path }) => path))];

describe('schemas', () => {
  it('accept an ordinary account and strip what they do not know', () => {
    expect(validate(registerBody, { ...ACCOUNT, admin: true }, 'en')).to.deep.equal(ACCOUNT);
  });

  it('list every problem at once, in English or Chinese', () => {
    const wrong = { email: 'nowhere', username: 7, password: 'short' };
    expect(problems(registerBody, wrong)).to.deep.equal([
      { path: 'email', message: 'email must be a valid email address', rule: 'string.email' },
      { path: 'username', message: 'username must be a string', rule: 'string.base' },
      {
        path: 'password',
        message: 'password must have at least 8 bytes',
        rule: 'password.min',
        values: { limit: 8 },
      },
    ]);
    expect(problems(registerBody, wrong, 'zh')).to.deep.equal([
      { path: 'email', message: 'email 必须是有效的邮箱地址', rule: 'string.email' },
      { path: 'username', message: 'username 必须是字符串', rule: 'string.base' },
      {
        path: 'password',
        message: 'password 至少需要 8 个字节',
        rule: 'password.min',
        values: { limit: 8 },
      },
    ]);
  });

  it('have the same messages in both languages', () => {
    expect(Object.keys(VALIDATION_MESSAGES.zh)).to.have.members(
      Object.keys(VALIDATION_MESSAGES.en),
    );
  });

  it('say everything in Chinese, whatever is sent to them', () => {
    const schemas: Joi.ObjectSchema[] = [registerBody, loginBody, refreshBody, updateUserBody];
    schemas.push(chatBody, idParams, conversationFields, conversationListQuery, messagePageQuery);
    schemas.push(logoutQuery, ...Object.values(eventSchemas));
    const keys = ['email', 'username', 'password', 'message', 'content', 'client_id', 'cursors']
      .concat([
        'id',
        'conversation_id',
        'limit',
        'title',
        'model',
        'temperature',
        'max_tokens',
        'q',
      ])
      .concat(['token', 'refresh_token', 'attempt', 'seq', 'cursor', 'before', 'system_prompt']);
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', ' ', '\u0000', '\ud800', 'x'.repeat(40_000), -1, 1e300, 1.5, true),
      fc.array(fc.record({ message_id: fc.jsonValue(), seq: fc.double() }), { maxLength: 60 }),
    );
    const bodies = fc.oneof(fc.dictionary(fc.constantFrom(...keys), value), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom(...schemas), bodies, (schema, body) => {
        for (const { message } of problems(schema, body, 'zh')) {
          expect(message).to.match(/[\u4e00-\u9fff]/);
        }
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('refuse text that Postgres or UTF-8 cannot hold', () => {
    for (const text of ['a\u0000b', 'half \ud83d', '\udc00 half']) {
      expect(paths(problems(chatBody, { message: text }))).to.deep.equal(['message']);
      expect(paths(problems(conversationFields, { system_prompt: text }))).to.have.length(1);
      const password = `${text}12345678`;
      expect(paths(problems(registerBody, { ...ACCOUNT, password }))).to.deep.equal(['password']);
      expect(paths(problems(conversationListQuery, { q: text }))).to.have.length(1);
    }
    expect(problems(chatBody, { message: '😀 你好' })).to.deep.equal([]);
  });

  it('count a password in bytes, because bcrypt does', () => {
    const withPassword = (password: string) => problems(registerBody, { ...ACCOUNT, password });
    expect(withPassword('你'.repeat(24))).to.deep.equal([]);
    expect(withPassword('你'.repeat(25))).to.have.length(1);
    expect(withPassword('a'.repeat(72))).to.deep.equal([]);
    expect(withPassword('a'.repeat(73))).to.have.length(1);
    expect(withPassword('a'.repeat(7))).to.have.length(1);
  });

  it('never repeat a password in what they say', () => {
    const found = problems(registerBody, {
      ...ACCOUNT,
      password: `hunter2\u0000${'x'.repeat(80)}`,
    });
    expect(found).to.not.have.length(0);
    expect(JSON.stringify(found)).to.not.include('hunter2');
  });

  it('take ids from 1 to the largest exact integer, as JSON numbers', () => {
    const withId = (conversation_id: unknown) =>
      problems(chatBody, { message: 'x', conversation_id });
    expect(withId(1)).to.deep.equal([]);
    expect(withId(LIMITS.id)).to.deep.equal([]);
    for (const wrong of [0, -1, 1.5, LIMITS.id + 1, 1e300, '1', null, true, [1], {}]) {
      expect(withId(wrong), String(wrong)).to.not.have.length(0);
    }
  });

  it('read numbers from paths and queries', () => {
    expect(validate(idParams, { id: '42' }, 'en')).to.deep.equal({ id: 42 });
    expect(validate(messagePageQuery, { limit: '5' }, 'en')).to.deep.equal({ limit: 5 });
    for (const id of ['0', 'abc', '1.5', '99999999999999999999', 'NaN', '']) {
      expect(problems(idParams, { id }), id).to.not.have.length(0);
    }
    expect(problems(conversationListQuery, { limit: ['1', '2'] })).to.not.have.length(0);
  });

  it('want a message to show something, within its length', () => {
    expect(problems(chatBody, { message: ' \n\t\u3000' })).to.have.length(1);
    expect(problems(chatBody, { message: 'x'.repeat(LIMITS.messageChars) })).to.deep.equal([]);
    expect(problems(chatBody, { message: 'x'.repeat(LIMITS.messageChars + 1) })).to.have.length(1);
  });

  it('take any storable name for a person, but none that deceives the eye', () => {
    const withName = (username: string) => problems(registerBody, { ...ACCOUNT, username });
    for (const good of ['bob', 'Ann Lee', '小明同学', 'josé_9', 'a.b-c']) {
      expect(withName(good), good).to.deep.equal([]);
    }
    for (const bad of [' bob', 'bob ', 'bo\u200bb', 'bo\nb', 'ab', 'x'.repeat(33)]) {
      expect(withName(bad), bad).to.not.have.length(0);
    }
  });

  it('are not led astray by keys of the prototype', () => {
    const evil = JSON.parse(
      `{"__proto__": ${JSON.stringify(ACCOUNT)}, "constructor": {"prototype": {"x": 1}}}`,
    );
    expect(paths(problems(registerBody, evil))).to.deep.equal(['email', 'username', 'password']);
    const clean = validate(registerBody, { ...evil, ...ACCOUNT }, 'en');
    expect(Object.getPrototypeOf(clean)).to.equal(Object.prototype);
    expect(clean).to.deep.equal(ACCOUNT);
  });

  it('check every cursor of an opening and bound their number', () => {
    const open = (cursors: unknown) =>
      problems(eventSchemas['conversation:open'], { conversation_id: 1, cursors });
    const cursor = { message_id: 1, attempt: 0, seq: 0 };
    expect(open(Array(LIMITS.openCursors).fill(cursor))).to.deep.equal([]);
    expect(paths(open(Array(LIMITS.openCursors + 1).fill(cursor)))).to.deep.equal(['cursors']);
    expect(paths(open([{ ...cursor, attempt: -1, seq: '1' }, 5]))).to.deep.equal([
      'cursors.0.attempt',
      'cursors.0.seq',
      'cursors.1',
    ]);
  });

  describe('given the most that a body may hold', () => {
    const over = (parts: string) =>
      parts.repeat(Math.ceil(LIMITS.payloadBytes / Buffer.byteLength(parts)));
    /** Normal forms sort the marks of one letter, in a time that grows with the square of their number. */
    const HOSTILE = {
      'marks in two orders': `a${over('\u0301\u0316')}`,
      'marks in the wrong order': `a${'\u0301'.repeat(60_000)}${'\u0316'.repeat(60_000)}`,
      'marks in an address': `ann@x${over('\u0301\u0316')}.example`,
      'letters of a domain': `ann@${over('é')}.example`,
      at: over('@'),
      blanks: `${over(' ')}x`,
      'astral characters': over('😀'),
    };
    const schemas = Object.entries({ ...contractSchemas, ...adminSchemas, ...eventSchemas }).filter(
      (entry): entry is [string, Joi.ObjectSchema] => 'validate' in entry[1],
    );
    const keysOf = (schema: Joi.Schema) => Object.keys(schema.describe().keys ?? {});

    for (const [name, text] of Object.entries(HOSTILE)) {
      it(`refuse ${name} at once, in any key`, () => {
        for (const [of, schema] of schemas) {
          const value = Object.fromEntries(keysOf(schema).map((key) => [key, text]));
          const ms = cpuMs(() => expect(problems(schema, value), of).to.not.deep.equal([]));
          // One key takes seconds without the bound.
          expect(ms, `milliseconds of ${of}`).to.be.below(1_500);
        }
      });
    }
  });

  it('count the characters of a text whose marks are still apart', () => {
    const apart = '\u1f82'.normalize('NFD').repeat(LIMITS.titleChars);
    const { title } = validate(conversationFields, { title: apart }, 'en');
    expect(title).to.equal('\u1f82'.repeat(LIMITS.titleChars));
    const [found] = problems(conversationFields, { title: apart.repeat(3) });
    expect(found?.message).to.contain(String(LIMITS.titleChars));
    expect(problems(conversationFields, { title: '😀'.repeat(1_000) })).to.have.length(1);
  });
});

describe('A time', () => {
  const { keyBody } = contractSchemas;
  const { auditQuery } = adminSchemas;

  for (const time of ['2027-01-01', '2027-01-01T10:00Z', '2027-01-01T10:00:30.5+08:00']) {
    it(`is read: ${time}`, () => {
      expect(problems(keyBody, { name: 'x', expires_at: time })).to.deep.equal([]);
      expect(problems(auditQuery, { since: time })).to.deep.equal([]);
    });
  }

  for (const time of ['2027-01-01T10:00', '2027-01-01 10:00', '2027-01-01T10:00:30.5', 'soon']) {
    it(`is refused, as each node would read its own: ${time}`, () => {
      expect(paths(problems(keyBody, { name: 'x', expires_at: time }))).to.deep.equal([
        'expires_at',
      ]);
      expect(paths(problems(auditQuery, { until: time }))).to.deep.equal(['until']);
    });
  }
});
