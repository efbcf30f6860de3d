import { expect } from 'chai';
import {
  answer,
  type Behaviour,
  bigChunk,
  byteByByte,
  cutInJson,
  dataError,
  doneOnOpenConnection,
  doneWithoutFinish,
  endInJson,
  endWithoutFinish,
  finishOnOpenConnection,
  hangAfter,
  hangBeforeHeaders,
  html,
  rateLimited,
  rawStream,
  refuse,
  status,
} from '../../../lab/models/scripted-upstream.js';
import { DONE, event, textChunk } from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { ChatResponse, Message } from '../../../src/contract/rest.js';

const SECRET = 'sk-test-key';
const PARTIAL = ['半句 ', 'a half 👋'];
const text = PARTIAL.join('');

const inParts = (...content: object[]) => event({ choices: [{ index: 0, delta: { content } }] });

interface Case {
  what: string;
  /** Behaviours of the model server. The last one answers every further retry. */
  does: Behaviour[];
  ends: Message['status'];
  code: string | null;
  content: string;
  /** The answer ends by a time limit. */
  hangs?: true;
}

const error = 'provider_error';
const away = 'provider_unavailable';
const leak = { message: `Incorrect API key provided: ${SECRET}` };

const CASES: Case[] = [
  { what: '401', does: [status(401, leak)], ends: 'failed', code: error, content: '' },
  {
    what: '429 for good',
    does: [rateLimited(0), rateLimited(0)],
    ends: 'failed',
    code: away,
    content: '',
  },
  {
    what: '429 with Retry-After, then an answer',
    does: [rateLimited(1), answer(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: '500 for good',
    does: [status(500), status(500)],
    ends: 'failed',
    code: away,
    content: '',
  },
  {
    what: '500, then an answer',
    does: [status(500), answer(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: 'a refused connection',
    does: [refuse(), refuse()],
    ends: 'failed',
    code: away,
    content: '',
  },
  {
    what: 'a hang before headers',
    does: [hangBeforeHeaders()],
    hangs: true,
    ends: 'failed',
    code: away,
    content: '',
  },
  {
    what: 'a hang between chunks',
    does: [hangAfter(PARTIAL)],
    hangs: true,
    ends: 'interrupted',
    code: away,
    content: text,
  },
  {
    what: 'an end in mid-JSON',
    does: [endInJson(PARTIAL)],
    ends: 'interrupted',
    code: error,
    content: text,
  },
  {
    what: 'a cut in mid-JSON',
    does: [cutInJson(PARTIAL)],
    ends: 'interrupted',
    code: away,
    content: text,
  },
  {
    what: 'EOF without finish',
    does: [endWithoutFinish(PARTIAL)],
    ends: 'interrupted',
    code: error,
    content: text,
  },
  {
    what: '[DONE] without finish',
    does: [doneWithoutFinish(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: '[DONE] without finish or text',
    does: [doneWithoutFinish([])],
    ends: 'failed',
    code: error,
    content: '',
  },
  {
    what: 'text in parts',
    does: [rawStream(inParts({ type: 'text', text: '半句 ' }) + textChunk('a half 👋') + DONE)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: 'text in an unknown shape after text',
    does: [rawStream(PARTIAL.map(textChunk).join('') + inParts({ type: 'riddle', x: 'x' }) + DONE)],
    ends: 'interrupted',
    code: error,
    content: text,
  },
  {
    what: 'EOF without finish or text',
    does: [endWithoutFinish([])],
    ends: 'failed',
    code: error,
    content: '',
  },
  {
    what: 'an error event first',
    does: [dataError([], leak.message)],
    ends: 'failed',
    code: error,
    content: '',
  },
  {
    what: 'an error event after text',
    does: [dataError(PARTIAL, leak.message)],
    ends: 'interrupted',
    code: error,
    content: text,
  },
  { what: 'HTML with 200', does: [html()], ends: 'failed', code: error, content: '' },
  {
    what: '[DONE] on an open connection',
    does: [doneOnOpenConnection(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: 'a finish on an open connection',
    does: [finishOnOpenConnection(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
  {
    what: 'a chunk of 1 MB',
    does: [bigChunk(1_000_000)],
    ends: 'completed',
    code: null,
    content: 'x'.repeat(1_000_000),
  },
  {
    what: 'characters split across packets',
    does: [byteByByte(PARTIAL)],
    ends: 'completed',
    code: null,
    content: text,
  },
];

let clientIds = 0;

/** Only for servers that hang: a busy machine is slow, too. */
const IMPATIENT = {
  PROVIDER_FIRST_CHUNK_TIMEOUT_MS: '1000',
  PROVIDER_IDLE_TIMEOUT_MS: '1000',
};

describe('when the model server answers with', () => {
  let app: TestApp;
  let ada: Account;

  const start = (env = {}) => {
    before(async () => {
      app = await startApp({ LIMIT_SCALE: '0', ...env });
      ada = await app.register('ada');
    });
    after(() => app?.stop());
  };

  const itEnds = ({ what, does, ends, code, content }: Case) => {
    it(`${what}, the answer is ${ends}, and the next message works`, async () => {
      app.upstream.script(...does);
      const device = await app.device(ada);
      const sent = await device.ask('message:send', {
        client_id: `fail-${clientIds++}`,
        content: 'q',
      });
      const end = await device.ended(sent.assistant_message.id);
      expect([end.status, end.error?.code ?? null]).to.deep.equal([ends, code]);
      expect(device.text(sent.assistant_message.id)).to.equal(content);

      const path = `/agent/conversations/${sent.conversation.id}/messages`;
      const { body } = await app.call<Message[]>(path, { token: ada.token });
      expect(body.at(-1)?.content === content, 'stored text').to.equal(true);
      expect(body.at(-1)?.status).to.equal(ends);
      expect(JSON.stringify([body, device.received.slice(0, 50)])).to.not.include(SECRET);

      app.upstream.script(answer('fine'));
      const next = await app.call<ChatResponse>('/agent/chat', {
        token: ada.token,
        body: { message: 'again', conversation_id: sent.conversation.id },
      });
      expect(next.body).to.include({ status: 'completed', response: 'fine' });
    });
  };

  describe('silence:', () => {
    start(IMPATIENT);
    for (const each of CASES) if (each.hangs) itEnds(each);
  });

  describe('anything else:', () => {
    start();
    for (const each of CASES) if (!each.hangs) itEnds(each);

    it('a refusal, POST /agent/chat answers 502 with what was stored', async () => {
      app.upstream.script(status(401, leak));
      const { status: code, body } = await app.call('/agent/chat', {
        token: ada.token,
        body: { message: 'q' },
      });
      expect(code).to.equal(502);
      expect(body).to.include({ code: error, message_status: 'failed' });
      expect(body).to.have.property('conversation_id').that.is.a('number');
      expect(body).to.have.property('message_id').that.is.a('number');
      expect(JSON.stringify(body)).to.not.include(SECRET);
    });
  });
});
