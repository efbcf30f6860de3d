import { expect } from 'chai';
import {
  answer,
  dataError,
  startUpstream,
  status,
  type Upstream,
} from '../../lab/models/scripted-upstream.js';
import { type Product, startProduct } from '../../lab/nodes/process.js';
import { type Device, openDevice } from '../../lab/people/device.js';
import { callRest } from '../../lab/people/rest.js';
import { createTestDatabase, type TestDatabase } from '../../lab/stores/database.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import type { ChatResponse } from '../../src/contract/rest.js';

const API_KEY = 'sk-the-key-of-the-model';
const SECRETS = ['a-secret-of-access-tokens-0123456789', 'a-secret-of-refresh-tokens-0123456789'];
const PASSWORDS = ['Password-of-ada-1', 'Password-of-ada-2', 'A-wrong-password-3'];
const EMAIL = 'ada-of-the-logs@example.com';
const TEXTS = [
  'the-question-of-ada',
  'the-answer-of-the-model',
  'the-title-of-ada',
  'the-prompt-of-ada',
];
const UPSTREAM_ERROR = 'the-complaint-of-the-model-server';
const SEARCH = 'what-ada-searches';

/** Each level logs more than the next. */
for (const LOG_LEVEL of ['trace', 'info']) {
  describe(`what a node logs in a day of use, at level ${LOG_LEVEL}`, () => {
    let database: TestDatabase;
    let upstream: Upstream;
    let node: Product;
    const tokens: string[] = [];

    const call = <T>(path: string, options: Parameters<typeof callRest>[1] = {}) =>
      callRest<T>(node.url + path, options);
    const keep = (body: TokenResponse) => {
      tokens.push(body.access_token ?? '', body.refresh_token ?? '');
      return body;
    };

    before(async () => {
      [database, upstream] = await Promise.all([createTestDatabase(), startUpstream()]);
      node = await startProduct({
        LOG_LEVEL,
        DATABASE_URL: database.url,
        OPENAI_BASE_URL: upstream.url,
        OPENAI_API_KEY: API_KEY,
        PROVIDER_MAX_RETRIES: '0',
        SECRET_KEY: SECRETS[0] ?? '',
        REFRESH_SECRET_KEY: SECRETS[1] ?? '',
      });
    });
    after(async () => {
      await node?.stop();
      await upstream?.stop();
      await database?.drop();
    });

    async function account(): Promise<string> {
      const [password = '', next = '', wrong = ''] = PASSWORDS;
      const body = { email: EMAIL, username: 'ada-logs', password };
      const { refresh_token } = keep((await call<TokenResponse>('/auth/register', { body })).body);
      await call('/auth/register', { body });
      await call('/auth/login', { body: { email: EMAIL, password: wrong } });
      await call('/auth/login', { body: `{"email": "${EMAIL}", "password": "${wrong}` });
      await call(`/auth/logout?refresh_token=${tokens[0]}`, { method: 'POST' });
      const first = keep(
        (await call<TokenResponse>('/auth/refresh', { body: { refresh_token } })).body,
      );
      const cookie = `access_token=${first.access_token}; refresh_token=${refresh_token}`;
      await call('/users/me', { headers: { cookie, origin: 'https://evil.example' } });
      await call('/users/me', { method: 'PATCH', headers: { cookie }, body: { email: EMAIL } });
      const change = { current_password: password, new_password: next };
      await call('/users/me/password', { token: first.access_token ?? '', body: change });
      await call('/users/me/password', { token: first.access_token ?? '', body: change });
      const login = { email: EMAIL, password: next };
      return (
        keep((await call<TokenResponse>('/auth/login', { body: login })).body).access_token ?? ''
      );
    }

    async function chat(token: string): Promise<void> {
      const [message = '', text = '', title = '', system_prompt = ''] = TEXTS;
      const failures = [
        status(500, { message: `${UPSTREAM_ERROR} ${API_KEY}` }),
        status(401, { message: UPSTREAM_ERROR }),
        status(400, { body: `<html>${UPSTREAM_ERROR}` }),
        dataError(text, UPSTREAM_ERROR),
      ];
      upstream.otherwise(answer(text));
      const { body } = await call<ChatResponse>('/agent/chat', { token, body: { message } });
      const path = `/agent/conversations/${body.conversation_id}`;
      await call(path, { token, method: 'PATCH', body: { title, system_prompt } });
      for (const failure of failures) {
        upstream.script(failure);
        await call('/agent/chat', { token, body: { message } });
      }
      const messages = [{ role: 'user', content: message }];
      const quoting = `${UPSTREAM_ERROR}: ${message} ${API_KEY}`;
      const quotes = [status(400, { message: quoting }), dataError(text, quoting)];
      for (const stream of [true, false]) {
        const asked = { model: 'gpt-4o-mini', messages, stream };
        for (const behaviour of [answer(text), ...failures, ...quotes]) {
          upstream.script(behaviour);
          await call('/v1/chat/completions', { token, body: asked });
        }
        await call('/v1/chat/completions', { token, body: { ...asked, model: message } });
        await call('/v1/chat/completions', { token, body: { ...asked, messages: message } });
      }
      await call(`/agent/conversations?q=${SEARCH}`, { token });
      await call(`/agent/conversations/nonsense?q=${SEARCH}`, { token });
      await call('/agent/chat', { token, body: { message: `${message}\u0000` } });
      await call('/users/me/export', { token });
    }

    async function talk(device: Device): Promise<void> {
      const [content = '', , title = ''] = TEXTS;
      const sent = await device.ask('message:send', { client_id: 'one', content });
      await device.ended(sent.assistant_message.id);
      await device.emit('message:send', { client_id: 'one', content: `${content} again` });
      await device.emit('conversation:create', { title, model: content });
      await device.emit('session:renew', { token: tokens.at(-1) ?? '' });
      device.socket.emit(content, { content });
      await device.ask('conversation:list', { q: SEARCH });
    }

    /** The log, without the strings of a message or name that happen to be keys. */
    const output = () => node.logs.map((line) => JSON.stringify(line)).join('\n');

    it('is a lot, and none of it is a secret or what somebody wrote', async () => {
      const token = await account();
      await chat(token);
      const device = await openDevice(node.url, { token });
      await talk(device);
      await openDevice(node.url, { token: `${token}x` }).catch(() => {});
      await openDevice(node.url, {
        headers: { cookie: `access_token=${token}`, origin: 'https://evil.example' },
      }).catch(() => {});
      await call('/users/me', { token: `${token}x` });
      await call('/users/me', { method: 'DELETE', token });
      await node.stop();

      expect(node.logs.length).to.be.greaterThan(25);
      const logged = output();
      const parts = tokens.flatMap((one) => one.split('.').slice(1));
      expect(parts.filter((part) => part.length > 20).length).to.be.greaterThan(7);
      const hidden = [...PASSWORDS, ...SECRETS, ...TEXTS, ...parts, API_KEY, EMAIL, SEARCH];
      for (const text of hidden) expect(logged, text).to.not.include(text);
    });
  });
}
