import { expect } from 'chai';
import {
  answer,
  type Behaviour,
  dataError,
  endWithoutFinish,
  status,
} from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { ChatResponse } from '../../../src/contract/rest.js';

/** A template like those of Mistral and Gemma: it has no system role and wants alternating roles. */
const strict: Behaviour = (response, request) => {
  const { messages } = request.body;
  const roles = messages.map(({ role }) => role);
  const wanted = roles.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant'));
  const fits = roles.join() === wanted.join() && roles.length % 2 === 1;
  const refusal = 'Conversation roles must alternate user/assistant/user/assistant/...';
  if (fits) answer(`answer to ${messages.at(-1)?.content}`)(response, request);
  else if (roles.includes('system'))
    status(500, { message: 'System role not supported' })(response, request);
  else status(400, { message: refusal })(response, request);
};

const SYSTEM = 'You are a helpful assistant.';

describe('A model with a strict chat template', () => {
  let app: TestApp;
  let ada: Account;

  before(async () => {
    app = await startApp({ OPENAI_MODELS: 'another' });
    ada = await app.register('ada');
    app.upstream.otherwise(strict);
  });
  after(() => app.stop());

  const say = async (message: string, rest: object = {}) => {
    const { body } = await app.call<ChatResponse & { message_status?: string }>('/agent/chat', {
      token: ada.token,
      body: { message, ...rest },
    });
    return { ...body, status: body.message_status ?? body.status };
  };

  const lastPrompt = () => app.upstream.requests.at(-1)?.body.messages;

  it('goes on answering after answers that failed, were empty, reported an error or broke off', async () => {
    app.upstream.script(status(401), answer(''), dataError([]), endWithoutFinish('half'));
    const first = await say('one');
    const conversation_id = first.conversation_id;
    const others = ['two', 'three', 'four'];
    for (const message of others) await say(message, { conversation_id });
    const last = await say('five', { conversation_id });
    expect(last).to.include({ status: 'completed', response: 'answer to five' });
    expect(lastPrompt()).to.deep.equal([
      { role: 'user', content: `${SYSTEM}\n\none\n\ntwo\n\nthree\n\nfour` },
      { role: 'assistant', content: 'half' },
      { role: 'user', content: 'five' },
    ]);
  });

  it('goes on after a question that was stopped in the queue, and several sent at once', async () => {
    const device = await app.device(ada);
    const { conversation } = await device.ask('conversation:create', {});
    await device.ask('conversation:open', { conversation_id: conversation.id });
    const held = app.upstream.next();
    const send = (content: string) =>
      device.ask('message:send', {
        client_id: content,
        conversation_id: conversation.id,
        content,
      });
    const [first, stopped, last] = [await send('one'), await send('two'), await send('three')];
    await held.opened;
    const ends = [first, stopped, last].map((sent) => device.ended(sent.assistant_message.id));
    await device.ask('generation:stop', { message_id: stopped.assistant_message.id });
    held.write('first answer');
    held.finish();
    const ended = await Promise.all(ends);
    expect(ended.map((end) => end.status)).to.deep.equal(['completed', 'stopped', 'completed']);
    expect(lastPrompt()).to.deep.equal([
      { role: 'user', content: `${SYSTEM}\n\none` },
      { role: 'assistant', content: 'first answer' },
      { role: 'user', content: 'two\n\nthree' },
    ]);
  });

  it('is refused no more than once for the system role', async () => {
    await say('warm up');
    const before = app.upstream.requests.length;
    await say('a question');
    expect(app.upstream.requests).to.have.length(before + 1);
  });

  it('gets no system turn of a conversation that sets an empty prompt', async () => {
    const { body } = await app.call<{ id: number }>('/agent/conversations', {
      token: ada.token,
      body: { system_prompt: '', model: 'another' },
    });
    const before = app.upstream.requests.length;
    const said = await say('hello', { conversation_id: body.id });
    expect(said).to.include({ status: 'completed' });
    expect(app.upstream.requests).to.have.length(before + 1);
    expect(lastPrompt()).to.deep.equal([{ role: 'user', content: 'hello' }]);
  });
});
