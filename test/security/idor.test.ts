import { expect } from 'chai';
import { eventually } from '../../lab/eventually.js';
import { answer } from '../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../lab/nodes/app.js';
import {
  type Caller,
  type CallParts,
  type ContractCall,
  contractCalls,
  minimalParts,
  type Reply,
} from '../../lab/people/contract-calls.js';
import type { Device } from '../../lab/people/device.js';
import { importFile } from '../../lab/people/import-call.js';
import { idPaths, type Path, withPart } from '../../lab/people/joi-shape.js';
import type { TokenResponse } from '../../src/contract/accounts.js';
import type { ChatResponse } from '../../src/contract/rest.js';

type Kind =
  | 'conversation'
  | 'import'
  | 'invitation'
  | 'key'
  | 'message'
  | 'node'
  | 'session'
  | 'user'
  | 'webhook';
type Person = Caller & { account: Account; device: Device };
type Things = Record<Kind, unknown>;

const KINDS: readonly Kind[] = [
  'conversation',
  'import',
  'invitation',
  'key',
  'message',
  'node',
  'session',
  'user',
  'webhook',
];
/** Ids that do not exist. */
const NOBODYS: Things = {
  conversation: 2 ** 50,
  import: 2 ** 50,
  invitation: 2 ** 50,
  key: '00000000-0000-4000-8000-000000000000',
  message: 2 ** 50,
  node: 'nobody',
  session: '00000000-0000-4000-8000-000000000000',
  user: 2 ** 50,
  webhook: '00000000-0000-4000-8000-000000000000',
};
const PARENTS: Record<string, Kind> = {
  parent_id: 'message',
  actor_id: 'user',
  subject_id: 'user',
};

/** The kind of an id, by its own name or by the part of the path before it. */
function kindOf({ name }: ContractCall, path: Path): Kind {
  const key = String(path.findLast((part) => typeof part === 'string'));
  const before = new RegExp(`/(\\w+)s/:${key}\\b`).exec(name)?.[1];
  const word = key === 'id' ? before : key.replace(/_ids?$/, '').replace(/^.*_/, '');
  const kind = PARENTS[key] ?? KINDS.find((candidate) => candidate === word);
  if (!kind) throw new Error(`${name}: whose id is ${path.join('.')}? Teach this test.`);
  return kind;
}

const idsOf = (call: ContractCall) =>
  idPaths(call.takes).map((path) => ({ path, kind: kindOf(call, path) }));

/** The smallest payload with all ids of `own`, except for `id` at `path`. */
function payload(call: ContractCall, own: Things, path: Path, id: unknown): CallParts {
  const ids = [...idsOf(call).map((of) => [of.path, own[of.kind]] as const), [path, id] as const];
  const fill = (value: unknown, [at, part]: readonly [Path, unknown]) =>
    withPart(value, call.takes, at, part);
  return ids.reduce<unknown>(fill, minimalParts(call)) as CallParts;
}

const CONVERSATIONS = 'SELECT conversation_id FROM conversation_members WHERE user_id = $1';
/** Everything that a user has, by table. */
const OWNED: Record<string, string> = {
  users: 'id = $1',
  user_roles: 'user_id = $1',
  api_keys: 'user_id = $1',
  sessions: 'user_id = $1',
  webhooks: 'user_id = $1',
  conversation_members: `conversation_id IN (${CONVERSATIONS})`,
  conversations: `id IN (${CONVERSATIONS})`,
  imports: 'user_id = $1',
  invitations: 'created_by = $1',
  messages: `conversation_id IN (${CONVERSATIONS})`,
};

/** Leaves out the parts that differ from call to call. */
const comparable = (reply: Reply): string =>
  JSON.stringify(reply, (key, value) =>
    /(^request_id|_at|_ms|(^|_)ids?)$/.test(key) ? '' : value,
  );

describe('what belongs to another', () => {
  const calls = contractCalls();
  const taking = calls.flatMap((call) => idsOf(call).map((id) => ({ call, ...id })));
  let app: TestApp;
  let ada: Person;
  let eve: Person;

  const arrive = async (username: string): Promise<Person> => {
    const account = await app.register(username);
    return { app, account, device: await app.device(account) };
  };

  /** New ones each time, so that a call may destroy them. */
  const things = async ({ account }: Person): Promise<Things> => {
    const { id: user, email, password, token, username } = account;
    const message = `the secret of ${username}`;
    const [asked, login] = await Promise.all([
      app.call<ChatResponse>('/agent/chat', { token, body: { message } }),
      app.call<TokenResponse>('/auth/login', { body: { email, password } }),
    ]);
    const claims = JSON.parse(atob(login.body.access_token?.split('.')[1] ?? ''));
    const { conversation_id: conversation, message_id } = asked.body;
    const unannounced = () => app.rows('SELECT FROM generations WHERE user_id = $1', [user]);
    await eventually(unannounced, (rows) => rows.length === 0);
    const { id } = await importFile(app.url, account, { title: message });
    const [invited] = await app.rows<{ id: number }>(
      `INSERT INTO invitations (token_hash, role, created_by, expires_at)
       VALUES (encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'user', $1, now() + interval '1 hour')
       RETURNING id::int`,
      [user],
    );
    const invitation = invited?.id;
    const [node] = await app.rows<{ id: string }>('SELECT id FROM nodes');
    const [made] = await app.rows<{ id: string }>(
      `INSERT INTO api_keys (id, user_id, name, key_hash, prefix, scopes)
       VALUES (gen_random_uuid(), $1, $2, encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'pk_1234567', '{chat}')
       RETURNING id`,
      [user, message],
    );
    const key = made?.id;
    const [hook] = await app.rows<{ id: string }>(
      `INSERT INTO webhooks (id, user_id, url, host, events, secret)
       VALUES (gen_random_uuid(), $1, $2, 'x.invalid', '{answer.failed}', 'whsec_')
       RETURNING id`,
      [user, `https://x.invalid/${message}`],
    );
    return {
      ...{ conversation, import: id, invitation, key, message: message_id },
      ...{ node: node?.id, session: claims.sid, user, webhook: hook?.id },
    };
  };

  /** Everything that a person has, except for `seen_gen` and `last_used_at`, which change with every request. */
  const state = async ({ account }: Person): Promise<string> => {
    const rows: unknown[] = [];
    for (const [table, condition] of Object.entries(OWNED)) {
      const row = "to_jsonb(t) - 'last_used_at' - 'seen_gen' AS row";
      const sql = `SELECT ${row} FROM ${table} t WHERE ${condition} ORDER BY 1`;
      rows.push(await app.rows(sql, [account.id]));
    }
    return JSON.stringify(rows);
  };

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    // A cut answer may be continued, so that every call works for its owner.
    app.upstream.otherwise(answer(['cut'], { finishReason: 'length' }));
    ada = await arrive('ada');
    eve = await arrive('eve');
  });
  after(() => app.stop());

  it('is asked for by ids that this test knows', () => {
    expect(taking.length).to.be.greaterThan(12);
    expect(taking.map(({ call }) => call.name)).to.include.members([
      'GET /agent/conversations/:id',
      'GET /agent/conversations/:id/export',
      'DELETE /admin/invitations/:id',
      'GET /agent/imports/:id',
      'POST /agent/chat',
      'conversation:open',
      'generation:resume',
    ]);
  });

  for (const { call, path, kind } of taking) {
    it(`is as if it did not exist: ${call.name} with ${path.join('.')}`, async () => {
      const [hers, own] = await Promise.all([things(ada), things(eve)]);
      const before = await state(ada);
      const ask = (id: unknown) => call.send(payload(call, own, path, id), eve);
      const missing = await ask(NOBODYS[kind]);
      const refused = await ask(hers[kind]);
      expect(comparable(refused)).to.equal(comparable(missing));
      expect(refused.code).to.be.oneOf(['', 'not_found', 'forbidden']);
      expect(JSON.stringify(refused)).to.not.include('secret of ada');
      expect(await state(ada)).to.equal(before);
      const answered = await call.send(payload(call, hers, path, hers[kind]), ada);
      expect(answered.code, 'to its owner').to.equal(call.forUsers ? '' : 'forbidden');
    });
  }

  it('is not told by events either', async () => {
    const conversation_id = Number((await things(ada)).conversation);
    await eve.device.emit('conversation:open', { conversation_id });
    const before = eve.device.received.length;
    const question = { conversation_id, client_id: 'more', content: 'more' };
    const sent = await ada.device.ask('message:send', question);
    await ada.device.ended(sent.assistant_message.id);
    await eve.device.ask('conversation:list', {});
    expect(eve.device.received.length).to.equal(before);
  });
});
