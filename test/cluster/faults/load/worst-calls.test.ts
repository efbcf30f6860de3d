import { once } from 'node:events';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import type { HeldAnswer } from '../../../../lab/models/held-answer.js';
import { type Cluster, PRODUCT_TIMES, startCluster } from '../../../../lab/nodes/cluster.js';
import type { Device } from '../../../../lab/people/device.js';
import { type Account, callRest } from '../../../../lab/people/rest.js';
import { quantile } from '../../../../lab/quantile.js';

/** The slowest content for searches, at the longest length of a message. */
const MESSAGES = 250;
const LONG = 32_000;
const PROMPT = 8_000;
const LIST = 200;
const WIDE = 40;
/** Six bytes in JSON for one in the database: the largest possible growth of a page. */
const CONTROL = '\u0001';
/** This many of each costly call run at a time. Each is repeated as soon as it returns. */
const AT_ONCE = 4;
/** Cheap calls under load and without. Together they stay below the caller's own limits. */
const SAMPLES = 15;
const CALM_SAMPLES = 6;
/**
 * People do not notice this. Where this process and the stores share two cores, a multiple of the usual time counts.
 */
const QUICK_MS = 200;
const SLOWER = 20;

const KEYS = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [i, i]));
const MANY_KEYS = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, i]));
const MARKS = `e${'\u0301\u0316'.repeat(40_000)}`;

/** Calls that one user may make, each measured alone. */
interface Costly {
  path: string;
  method?: string;
  /** A blob is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A body of a program's call that costs much for its bytes: this process must not be busy with sending it. */
const completion = (more: string, headers = {}): Costly => {
  const messages = '[{"role":"user","content":"x"}]';
  const body = new Blob([`{"model":"test-model","messages":${messages}${more}}`]);
  return { path: '/v1/chat/completions', body, headers };
};

const HARD_TO_COUNT: Costly = {
  path: '/agent/chat',
  body: { message: '/\n'.repeat(LONG / 2) },
};

const COSTLY: Record<string, Costly> = {
  'a search that nearly matches everywhere': { path: `/agent/conversations?q=${'a'.repeat(199)}b` },
  'a search of pattern signs': {
    path: `/agent/conversations?q=${encodeURIComponent('%_'.repeat(99))}`,
  },
  'an export': { path: '/users/me/export' },
  'a list with long prompts': { path: '/agent/conversations?limit=100' },
  'a search that finds long prompts': { path: '/agent/conversations?limit=100&q=p' },
  'the longest page of messages': { path: '/agent/conversations/:id/messages?limit=100' },
  'the longest page in JSON': { path: '/agent/conversations/:wide/messages?limit=100' },
  'a conversation with a long prompt': {
    path: '/agent/conversations',
    body: { title: 'x', system_prompt: 's'.repeat(8_000) },
  },
  'a body with many keys': { path: '/agent/conversations', body: KEYS },
  'a question that is hard to count': HARD_TO_COUNT,
  'a completion of many keys': completion(`,"x":${JSON.stringify(MANY_KEYS)}`),
  'a completion of many small objects': completion(`,"x":[${Array(32_000).fill('{"a":{}}')}]`),
  'a completion that is refused for its objects': completion(
    `,"x":[${Array(2_500).fill(`${'{"a":'.repeat(96)}1${'}'.repeat(96)}`)}]`,
  ),
  'a completion of many fields': completion(`,${JSON.stringify(MANY_KEYS).slice(1, -1)}`),
  'a durable completion of many keys': completion(`,"x":${JSON.stringify(MANY_KEYS)}`, {
    'idempotency-key': 'one',
  }),
  'an address of many marks': { path: '/auth/login', body: { email: MARKS, password: 'x' } },
  'a wrong password': {
    path: '/auth/login',
    body: { email: 'bad@example.com', password: 'not the one' },
  },
};

describe('The worst that the limits allow one user leaves others their quick calls:', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let bad: Account;
  let good: Account;
  let goods: Device;
  let small: number;
  let large: number;
  let wide: number;
  let answer: { held: HeldAnswer; id: number };

  before(async () => {
    cluster = await startCluster({ nodes: 1, env: { ...PRODUCT_TIMES, DB_POOL_MAX: '' } });
    bad = await cluster.account('bad');
    good = await cluster.account('good');
    await conversations(LIST);
    large = await fill(MESSAGES, 'a');
    wide = await fill(WIDE, CONTROL);
    goods = await cluster.device(0, good);
    const held = cluster.upstream.next();
    const sent = await goods.ask('message:send', { client_id: 'mine', content: 'Tell me.' });
    small = sent.conversation.id;
    answer = { held, id: sent.assistant_message.id };
    await held.opened;
    // The first count loads the vocabulary here; in production it is loaded before the first question.
    await ask(HARD_TO_COUNT);
    await p80(CALM_SAMPLES);
  });
  after(() => cluster?.stop());

  /** Conversations of the bad user, with the longest prompts. */
  const conversations = (count: number) =>
    cluster.rows<{ id: string }>(
      `WITH c AS (INSERT INTO conversations (title, system_prompt)
         SELECT 'p', repeat('p', ${PROMPT}) FROM generate_series(1, $2) RETURNING id)
       INSERT INTO conversation_members (conversation_id, user_id, role)
         SELECT id, $1, 'owner' FROM c RETURNING conversation_id AS id`,
      [bad.id, count],
    );

  /** The longest messages, each below the one before it. */
  const fill = async (count: number, letter: string): Promise<number> => {
    const [made] = await conversations(1);
    await cluster.rows(
      `WITH ids AS (SELECT n, nextval(pg_get_serial_sequence('messages', 'id')) AS id
         FROM generate_series(1, $2) n)
       INSERT INTO messages (id, conversation_id, parent_id, role, content)
         SELECT id, $1, lag(id) OVER (ORDER BY n), 'assistant', repeat($3, ${LONG}) FROM ids`,
      [made?.id, count, letter],
    );
    await cluster.rows(
      `UPDATE conversations SET active_message_id = (SELECT max(id) FROM messages WHERE conversation_id = $1)
       WHERE id = $1`,
      [made?.id],
    );
    return Number(made?.id);
  };

  const url = () => cluster.node(0).url;

  /** The response is not parsed: its content does not matter, and this process must measure meanwhile. */
  const ask = async ({ path, method, body, headers }: Costly): Promise<void> => {
    const response = await fetch(
      url() + path.replace(':id', String(large)).replace(':wide', String(wide)),
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          authorization: `Bearer ${bad.token}`,
          'x-forwarded-for': '203.0.113.9',
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && {
          body: body instanceof Blob ? body : JSON.stringify(body),
        }),
      },
    ).catch((error: unknown) => {
      // A large body that is refused unread is cut off.
      if (body instanceof Blob) return null;
      throw error;
    });
    await response?.arrayBuffer();
  };

  /** Repeats until `signal` aborts. Resolves to the number of calls. */
  const again = async (signal: AbortSignal, work: () => Promise<unknown>): Promise<number> => {
    let calls = 0;
    const loop = async () => {
      for (; !signal.aborted; calls++) await work();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, loop));
    return calls;
  };

  const cheap = async (): Promise<number> => {
    const begun = performance.now();
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    const [{ status }] = await Promise.all([
      callRest(`${url()}/agent/conversations`, { token: good.token, headers }),
      goods.ask('conversation:open', { conversation_id: small }),
    ]);
    expect(status).to.equal(200);
    return performance.now() - begun;
  };

  /**
   * The p80 of cheap calls, measured while the answer runs. A pause of the machine delays one or two of them; what a
   * costly call does delays most, because it is repeated all the time.
   */
  const p80 = async (samples: number): Promise<number> => {
    const all: number[] = [];
    for (let i = 0; i < samples; i++) {
      answer.held.write('so ');
      all.push(await cheap());
    }
    return quantile(all, 0.8);
  };

  const judge = async (work: () => Promise<unknown>): Promise<void> => {
    const before = await p80(CALM_SAMPLES);
    const over = new AbortController();
    const calls = again(over.signal, work);
    const loaded = await p80(SAMPLES).finally(() => over.abort());
    expect(await calls).to.be.at.least(AT_ONCE);
    const calm = Math.max(before, await p80(CALM_SAMPLES));
    expect(loaded).to.be.below(Math.max(QUICK_MS, SLOWER * calm));
  };

  /** A socket of the bad user that sends `frame` repeatedly. Replies are not parsed either. */
  const connect = async (frame: string): Promise<() => Promise<void>> => {
    const socket = new WebSocket(
      `${url().replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
    );
    const waiting: (() => void)[] = [];
    const settle = () => waiting.shift()?.();
    socket.on('message', (data: Buffer) => {
      if (data[0] === 0x32) socket.send('3');
      if (data.subarray(0, 2).toString() === '43') settle();
    });
    // A flood ends the socket.
    socket.on('close', () => {
      while (waiting.length > 0) settle();
    });
    await once(socket, 'open');
    const welcomed = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        if (data.subarray(0, 2).toString() === '40') resolve();
      });
    });
    socket.send(`40${JSON.stringify({ token: bad.token })}`);
    await welcomed;
    return async () => {
      if (socket.readyState !== WebSocket.OPEN) {
        await new Promise((resolve) => setImmediate(resolve));
        return;
      }
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        socket.send(frame);
      });
    };
  };

  for (const [what, costly] of Object.entries(COSTLY)) {
    it(what, () => judge(() => ask(costly)));
  }

  it('an event with many keys', async () => {
    await judge(await connect(`421${JSON.stringify(['conversation:update', KEYS])}`));
  });

  it('a list over a socket', async () => {
    await judge(await connect(`421${JSON.stringify(['conversation:list', { limit: 100 }])}`));
  });

  it('an opening with as many cursors as may be', async () => {
    const ids = await cluster.rows<{ id: string }>(
      'SELECT id FROM messages WHERE conversation_id = $1 ORDER BY id LIMIT 50',
      [large],
    );
    const cursors = ids.map(({ id }) => ({ message_id: Number(id), attempt: 0, seq: 0 }));
    const payload = ['conversation:open', { conversation_id: large, cursors }];
    await judge(await connect(`421${JSON.stringify(payload)}`));
  });

  it('and the deletion of a long conversation', async () => {
    await judge(() => ask({ path: `/agent/conversations/${large}`, method: 'DELETE' }));
  });

  it('and an answer ends with the node that began it', async () => {
    answer.held.finish();
    const end = await goods.ended(answer.id);
    expect(end).to.include({ status: 'completed', attempt: 1 });
  });
});
