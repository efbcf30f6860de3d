import { expect } from 'chai';
import { answer, echo, status } from '../../../lab/models/scripted-upstream.js';
import {
  type Behaviour,
  DONE,
  event,
  finishChunk,
  openEventStream,
  reasoningChunk,
  textChunk,
} from '../../../lab/models/upstream-wire.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import type { Device } from '../../../lab/people/device.js';
import { judged } from '../../../lab/people/judged.js';
import type { AccountExport } from '../../../src/contract/export.js';
import { expectNoRejections } from '../../support/rejections.js';

const STOP = finishChunk('stop');
const delta = (fields: object) => event({ choices: [{ index: 0, delta: fields }] });
const whole = (message: object) =>
  JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] });
const stream =
  (...events: string[]): Behaviour =>
  (response) => {
    openEventStream(response);
    response.end(events.join(''));
  };
const body =
  (json: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(json);
  };

const TEXT = textChunk('So.');
const SHAPES: [name: string, behaviour: Behaviour][] = [
  ['reasoning_content', stream(reasoningChunk('hm '), reasoningChunk('ah'), TEXT, STOP, DONE)],
  [
    'reasoning_content beside an empty content',
    stream(delta({ content: '', reasoning_content: 'hm ah' }), TEXT, STOP, DONE),
  ],
  ['reasoning', stream(delta({ reasoning: 'hm ' }), delta({ reasoning: 'ah' }), TEXT, STOP, DONE)],
  [
    'two names with the same',
    stream(delta({ reasoning: 'hm ah', reasoning_content: 'hm ah' }), TEXT, STOP, DONE),
  ],
  [
    'reasoning beside the text',
    stream(delta({ reasoning: 'hm ' }), delta({ content: 'So.', reasoning: 'ah' }), STOP, DONE),
  ],
  [
    'reasoning_details alone',
    stream(
      delta({ reasoning_details: [{ type: 'reasoning.text', text: 'hm ' }] }),
      delta({
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'ah' },
          { type: 'reasoning.encrypted', data: 'c2VjcmV0' },
        ],
      }),
      TEXT,
      STOP,
      DONE,
    ),
  ],
  [
    'parts of type thinking',
    stream(
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm ah' }] }] }),
      delta({ content: [{ type: 'text', text: 'So.' }] }),
      STOP,
      DONE,
    ),
  ],
  ['a whole answer', body(whole({ content: 'So.', reasoning_content: 'hm ah' }))],
  [
    'a message that repeats the deltas',
    stream(
      delta({ reasoning: 'hm ' }),
      delta({ content: 'So.' }),
      event({
        choices: [
          { index: 0, message: { content: 'So.', reasoning: 'hm ah' }, finish_reason: 'stop' },
        ],
      }),
      DONE,
    ),
  ],
  [
    'lines of Ollama',
    body(
      '{"message":{"content":"","thinking":"hm "},"done":false}\n{"message":{"content":"","thinking":"ah"},"done":false}\n{"message":{"content":"So."},"done":true}',
    ),
  ],
  [
    'events of Responses',
    stream(
      event({ type: 'response.reasoning_summary_part.added', summary_index: 0 }),
      event({ type: 'response.reasoning_summary_text.delta', delta: 'hm ' }),
      event({ type: 'response.reasoning_summary_text.delta', delta: 'ah' }),
      event({ type: 'response.output_text.delta', delta: 'So.' }),
      event({ type: 'response.completed', response: { object: 'response', status: 'completed' } }),
    ),
  ],
  [
    'a whole answer of Responses',
    body(
      JSON.stringify({
        object: 'response',
        status: 'completed',
        output: [
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm ah' }] },
          { type: 'message', content: [{ type: 'output_text', text: 'So.' }] },
        ],
      }),
    ),
  ],
];

let keys = 0;
const key = () => `reasoning-${keys++}`;

describe('Reasoning', () => {
  expectNoRejections();

  let app: TestApp;
  let faults: string[];
  let ada: Account;
  let device: Device;
  before(async () => {
    ({ app, faults } = await judged(
      await startApp({ LIMIT_SCALE: '0', OPENAI_MODELS: 'other-model' }),
    ));
    ada = await app.register('ada');
    device = await app.device(ada);
  });
  after(() => app.stop());
  afterEach('answers are as the references tell', () => expect(faults).to.deep.equal([]));
  beforeEach(() => app.upstream.otherwise(echo()));

  const ask = (content: string, conversation_id?: number) =>
    device.ask('message:send', {
      ...{ client_id: key(), content },
      ...(conversation_id !== undefined && { conversation_id }),
    });
  const shown = async (conversation_id: number) =>
    (await device.ask('conversation:open', { conversation_id })).messages.at(-1);
  const deltasOf = (id: number, attempt = 1) =>
    device
      .all('message:delta')
      .filter((event) => event.message_id === id && event.attempt === attempt);
  const reasoningOf = (id: number, attempt = 1) =>
    deltasOf(id, attempt)
      .map(({ reasoning = '' }) => reasoning)
      .join('');

  for (const [name, behaviour] of SHAPES) {
    it(`arrives apart from the text: ${name}`, async () => {
      app.upstream.script(behaviour);
      const { conversation, assistant_message } = await ask('think');
      const { id } = assistant_message;
      const end = await device.ended(id);
      expect(end).to.include({ status: 'completed' });
      expect(end.reasoning_ms).to.be.within(0, 60_000);
      expect(device.text(id, 1)).to.equal('So.');
      expect(reasoningOf(id)).to.equal('hm ah');
      const message = await shown(conversation.id);
      expect(message).to.include({ content: 'So.', reasoning: 'hm ah' });
      expect(message?.reasoning_ms).to.equal(end.reasoning_ms);
      expect(deltasOf(id).map(({ seq }) => seq)).to.deep.equal(
        Array.from({ length: end.seq }, (_, i) => i + 1),
      );
    });
  }

  it('changes nothing in the packets of answers without it', async () => {
    app.upstream.script(answer(['So.']));
    const { conversation, assistant_message } = await ask('do not think');
    const { id } = assistant_message;
    const end = await device.ended(id);
    expect(end).to.not.have.property('reasoning_ms');
    const place = { conversation_id: conversation.id, message_id: id, attempt: 1 };
    expect(deltasOf(id)).to.deep.equal([{ ...place, seq: 1, text: 'So.' }]);
    const resumed = await device.ask('generation:resume', { message_id: id, attempt: 0, seq: 0 });
    expect(resumed).to.deep.equal({
      ...{ attempt: 1, from_seq: 0, seq: 1, text: 'So.', status: 'completed' },
    });
    expect(await shown(conversation.id)).to.include({ reasoning: null, reasoning_ms: null });
  });

  it('is given from the cursor on, to who resumes and to who opens, while it runs and afterwards', async () => {
    const held = app.upstream.next();
    const { conversation, assistant_message } = await ask('think');
    const { id: message_id } = assistant_message;
    await held.opened;
    held.raw(reasoningChunk('one '));
    await device.until('message:delta', (event) => event.message_id === message_id);
    held.raw(reasoningChunk('two'));
    await device.until('message:delta', (event) => event.reasoning === 'two');
    const running = await device.ask('conversation:open', { conversation_id: conversation.id });
    expect(running.messages.at(-1)).to.include({ reasoning: null, reasoning_ms: null });
    expect(running.live).to.deep.equal([
      {
        message_id,
        ...{ status: 'streaming', attempt: 1, from_seq: 0, seq: 2 },
        text: '',
        reasoning: 'one two',
      },
    ]);
    held.write('So.');
    held.finish();
    const end = await device.ended(message_id);
    const resume = (seq: number) =>
      device.ask('generation:resume', { message_id, attempt: 1, seq });
    expect(await resume(1)).to.include({ text: 'So.', reasoning: 'two', from_seq: 1 });
    expect(await resume(2)).to.not.have.property('reasoning');
    expect(await resume(end.seq)).to.include({ text: '' });
  });

  it('is kept with the text of an answer that goes on, and its time adds up', async () => {
    const held = app.upstream.next();
    const { conversation, assistant_message } = await ask('think');
    const { id } = assistant_message;
    await held.opened;
    held.raw(reasoningChunk('hm '));
    await device.until('message:delta', (event) => event.message_id === id);
    held.write('one, ');
    await device.until('message:delta', (event) => event.message_id === id && event.text !== '');
    await device.ask('generation:stop', { message_id: id });
    await device.ended(id);
    const first = await shown(conversation.id);
    expect(first).to.include({ status: 'stopped', content: 'one, ', reasoning: 'hm ' });
    app.upstream.script(stream(reasoningChunk('ah'), textChunk('two'), STOP, DONE));
    await device.ask('message:continue', { message_id: id, client_id: key() });
    await device.until('message:completed', (e) => e.message_id === id && e.attempt === 2);
    const [begun] = deltasOf(id, 2);
    expect(begun).to.include({ seq: 1, text: 'one, ', reasoning: 'hm ' });
    expect(reasoningOf(id, 2)).to.equal('hm ah');
    const message = await shown(conversation.id);
    expect(message).to.include({ content: 'one, two', reasoning: 'hm ah' });
    expect(message?.reasoning_ms).to.be.at.least(first?.reasoning_ms ?? Number.NaN);
  });

  it('is no text: an answer that breaks off in it has failed, and what was thought is kept', async () => {
    app.upstream.script(stream(reasoningChunk('hm')));
    const { conversation, assistant_message } = await ask('think');
    expect(await device.ended(assistant_message.id)).to.include({ status: 'failed', bytes: 0 });
    expect(await shown(conversation.id)).to.include({ content: '', reasoning: 'hm' });
  });

  it('is counted where the server counts nothing, and is neither sent to the model nor part of a title', async () => {
    app.upstream.script(stream(reasoningChunk('a secret thought'), TEXT, STOP, DONE));
    const { conversation, assistant_message } = await ask('think');
    const { usage } = await device.ended(assistant_message.id);
    expect(usage?.completion_tokens).to.be.greaterThan(3);
    const again = await ask('and now?', conversation.id);
    await device.ended(again.assistant_message.id);
    const request = JSON.stringify(app.upstream.requests.at(-1)?.body);
    expect(request).to.include('So.').and.not.include('secret');
    expect(again.conversation.title).to.equal('think');
  });

  it('is sent back, with what the server has signed, as soon as the server demands it', async () => {
    const detail = { type: 'reasoning.text', index: 0, format: 'v1' };
    app.upstream.script(
      stream(
        delta({ reasoning: 'hm ', reasoning_details: [{ ...detail, text: 'hm ' }] }),
        delta({ reasoning: 'ah', reasoning_details: [{ ...detail, text: 'ah', signature: 's' }] }),
        delta({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'c2Vj', index: 1 }] }),
        TEXT,
        STOP,
        DONE,
      ),
    );
    const first = await ask('think');
    await device.ended(first.assistant_message.id);
    const place = first.conversation.id;
    const demand = 'The reasoning_content in the thinking mode must be passed back to the API.';
    const refused = () => status(400, { message: demand });
    const before = app.upstream.requests.length;
    app.upstream.script(refused(), answer('Second.'));
    const second = await ask('and?', place);
    expect(await device.ended(second.assistant_message.id)).to.include({ status: 'completed' });
    const third = await ask('and then?', place);
    await device.ended(third.assistant_message.id);
    const sent = app.upstream.requests.slice(before).map(({ body }) => body.messages[2]);
    const said = { role: 'assistant', content: 'So.' };
    const kept = {
      reasoning_content: 'hm ah',
      reasoning_details: [
        { ...detail, text: 'hm ah', signature: 's' },
        { type: 'reasoning.encrypted', data: 'c2Vj', index: 1 },
      ],
    };
    expect(sent).to.deep.equal([said, { ...said, ...kept }, { ...said, ...kept }]);
  });

  it('is not looked for where no answer before had any: then a demand for it is a refusal', async () => {
    app.upstream.script(answer('Plain.'));
    const first = await ask('hello');
    await device.ended(first.assistant_message.id);
    const before = app.upstream.requests.length;
    app.upstream.script(status(400, { message: 'reasoning_content is missing' }));
    const again = await device.ask('message:send', {
      ...{ client_id: key(), content: 'and?', conversation_id: first.conversation.id },
      model: 'other-model',
    });
    const end = await device.ended(again.assistant_message.id);
    expect(end.error?.code).to.equal('provider_error');
    expect(app.upstream.requests).to.have.length(before + 1);
  });

  it('is in the export of an account', async () => {
    app.upstream.script(stream(reasoningChunk('mine'), TEXT, STOP, DONE));
    const { conversation, assistant_message } = await ask('think');
    await device.ended(assistant_message.id);
    const { body } = await app.call<AccountExport>('/users/me/export', { token: ada.token });
    const found = body.conversations.find(({ id }) => id === conversation.id);
    expect(found?.messages.map(({ reasoning }) => reasoning)).to.deep.equal([null, 'mine']);
  });
});
