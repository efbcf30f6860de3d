import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { findPython } from '../../../lab/nodes/programs.js';
import { makeAdmin } from '../../../lab/people/roles.js';
import {
  clientEventExamples,
  restExamples,
  serverEventExamples,
} from '../../../scripts/references/examples.js';
import { references } from '../../../scripts/references/references.js';
import type { TokenResponse } from '../../../src/contract/accounts.js';
import type { ChatResponse } from '../../../src/contract/rest.js';

const run = promisify(execFile);
const made = references(process.cwd(), '0.0.0');

/** Somebody would try the calls in this order. */
const CALLS = [
  ...['GET /auth/registration', 'POST /auth/login', 'GET /users/me', 'GET /users/me/usage'],
  ...['PATCH /users/me', 'POST /users/me/keys', 'GET /users/me/keys', 'GET /users/me/sessions'],
  ...['GET /agent/models', 'POST /agent/chat', 'POST /agent/messages', 'GET /agent/messages/:id'],
  ...['GET /agent/messages/:id/stream', 'POST /agent/messages/:id/edit', 'GET /agent/search'],
  ...['POST /agent/messages/:id/regenerate', 'POST /agent/messages/:id/stop'],
  ...['GET /agent/conversations', 'POST /agent/conversations', 'GET /agent/conversations/:id'],
  ...['PATCH /agent/conversations/:id', 'GET /agent/conversations/:id/messages'],
  ...['GET /agent/conversations/:id/export', 'GET /admin/users', 'POST /admin/roles'],
  ...['PATCH /admin/roles/:name', 'DELETE /admin/roles/:name', 'GET /admin/queue'],
  ...['POST /v1/chat/completions', 'GET /v1/models', 'GET /health/ready', 'GET /openapi.json'],
];
const IN_PROGRAMS = ['POST /agent/chat', 'GET /agent/messages/:id/stream', 'GET /users/me'];
const EVENTS = ['message:send', 'conversation:open', 'conversation:list', 'generation:resume'];

describe('The examples of the reference', () => {
  let app: TestApp;
  let env: Record<string, string>;
  let answer: number;
  let conversation: number;
  let pythonPath: string | null;

  before(async () => {
    pythonPath = await findPython();
    app = await startApp({ LIMIT_SCALE: '0', OPENAI_MODEL: 'gpt-4o-mini' });
    const { stdout } = await shell(exampleOf('POST /auth/register', 'curl'));
    const { access_token: token = '', user }: TokenResponse = JSON.parse(stdout);
    await makeAdmin(app, user);
    env = { ...env, PARLEY_TOKEN: token };
    const { body } = await app.call<ChatResponse>('/agent/chat', { token, body: { message: 'a' } });
    answer = body.message_id;
    conversation = body.conversation_id;
  });
  after(() => app.stop());

  const exampleOf = (name: string, language: 'curl' | 'JavaScript' | 'Python') => {
    const call = made.calls.find((one) => one.name === name);
    if (!call) throw new Error(`${name} is no call`);
    const isOfAnswer = /stream|stop|regenerate|continue/.test(name);
    return (restExamples(call)[language] ?? '')
      .replace('/messages/1', `/messages/${isOfAnswer ? answer : answer - 1}`)
      .replace('/conversations/1', `/conversations/${conversation}`);
  };
  const shell = (code: string) => {
    const { PATH = '' } = process.env;
    env ??= { PATH, PARLEY_URL: app.url };
    return run('bash', ['-c', code], { env });
  };
  const node = (code: string) =>
    run(process.execPath, ['--input-type=module', '-e', code], { env, timeout: 30_000 });

  const python = async (code: string) => {
    if (!pythonPath) throw new Error('no Python with the packages of the examples');
    return run(pythonPath, ['-c', code], { env, timeout: 30_000 });
  };

  it('work with curl', async () => {
    const told = (name: string) =>
      exampleOf(name, 'curl').replace('curl ', "curl -o /dev/null -w '%{http_code}\\n' ");
    const { stdout } = await shell(CALLS.map(told).join('\n'));
    const statuses = stdout.trim().split('\n');
    const got = CALLS.map((name, at) => `${name} ${statuses[at]?.replace(/^20[0-2]$/, 'works')}`);
    expect(got).to.deep.equal(CALLS.map((name) => `${name} works`));
  });

  it('work in JavaScript', async () => {
    const all = IN_PROGRAMS.map(async (name) => {
      const { stdout } = await node(exampleOf(name, 'JavaScript'));
      expect(stdout, name).to.match(name.endsWith('stream') ? /event: completed/ : /^20[0-2] \{/);
    });
    await Promise.all(all);
  });

  it('work in JavaScript and Python on a socket', async () => {
    const events = made.client.filter(({ name }) => EVENTS.includes(name));
    expect(events).to.have.length(EVENTS.length);
    const all = events.map(async (event) => {
      const { JavaScript = '', Python = '' } = clientEventExamples(event);
      const placed = (code: string) =>
        code
          .replace(/(message_id"?: )1/, `$1${answer}`)
          .replace(/(conversation_id"?: )1/, `$1${conversation}`);
      expect((await node(placed(JavaScript))).stdout, event.name).to.match(/^\{\s+ok: true,/);
      expect((await python(placed(Python))).stdout, event.name).to.match(/^\{'ok': True,/);
    });
    await Promise.all(all);
  });

  it('work in Python', async () => {
    const all = IN_PROGRAMS.map(async (name) => {
      const { stdout } = await python(exampleOf(name, 'Python'));
      expect(stdout, name).to.match(name.endsWith('stream') ? /event: completed/ : /^20[0-2] \{/);
    });
    await Promise.all(all);
  });

  it('hear events in JavaScript and Python', async () => {
    const event = made.server.find(({ name }) => name === 'server:hello');
    const { JavaScript = '', Python = '' } = event ? serverEventExamples(event) : {};
    const code = `${JavaScript}\nsocket.on('server:hello', () => socket.close());`;
    expect((await node(code)).stdout).to.include('protocol: 1');
    const once = Python.replace('print(payload)', 'print(payload)\n    client.disconnect()');
    expect((await python(once)).stdout).to.include("'protocol': 1");
  });
});
