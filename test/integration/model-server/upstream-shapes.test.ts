import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import zlib from 'node:zlib';
import { expect } from 'chai';
import * as upstreams from '../../../lab/models/scripted-upstream.js';
import { DONE, event, finishChunk, textChunk } from '../../../lab/models/upstream-wire.js';
import { standStill } from '../../../lab/stand-still.js';
import {
  createOpenAIProvider,
  type OpenAIProvider,
} from '../../../src/adapters/openai/provider.js';
import { type CompletionEnd, ProviderError } from '../../../src/ports/completion-provider.js';

const REQUEST = {
  model: 'scripted',
  messages: [{ role: 'user' as const, content: 'Hi' }],
  temperature: null,
  maxTokens: null,
  user: '42',
};

const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };
const STOP = finishChunk('stop');
const HELLO = textChunk('Hello') + textChunk(' world') + STOP + DONE;
const ESSAY = 'Hello world';

const choice = (rest: object) => ({ choices: [{ index: 0, ...rest }] });
const delta = (content: unknown) => event(choice({ delta: { content } }));
const message = (content: unknown, finish_reason: unknown = 'stop') =>
  choice({ message: { role: 'assistant', content }, finish_reason });
const usage = (completion_tokens: number) => ({ prompt_tokens: 7, completion_tokens });

interface Case {
  what: string;
  body: string | Buffer;
  headers?: Record<string, string>;
  text?: string;
  /** The reason of `completed` cases that are not about `stop`. */
  reason?: string | null;
  completionTokens?: number;
}

/** Followed by ` world`, a finish reason and `[DONE]`: together they are the text. */
const READ: [string, string][] = [
  ['a string', delta('Hello')],
  [
    'parts of type text',
    delta([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ]),
  ],
  ['parts of type output_text', delta([{ type: 'output_text', text: 'Hello', annotations: [] }])],
  ['a part of type input_text', delta([{ type: 'input_text', text: 'Hello' }])],
  [
    'parts whose text is {value}',
    delta([{ type: 'text', text: { value: 'Hello', annotations: [] } }]),
  ],
  ['a part of type refusal', delta([{ type: 'refusal', refusal: 'Hello' }])],
  ['parts without a type', delta([{ text: 'Hello' }])],
  ['strings in an array', delta(['Hel', 'lo'])],
  ['one part without an array', delta({ type: 'text', text: 'Hello' })],
  ['{value}', delta({ value: 'Hello' })],
  [
    'parts with thoughts and pictures between',
    delta([
      { type: 'thinking', thinking: [{ type: 'text', text: 'hmm' }] },
      { type: 'image_url', image_url: { url: 'data:,' } },
      { type: 'reference', reference_ids: [1] },
      { type: 'text', text: 'Hello' },
    ]),
  ],
  ['a refusal', event(choice({ delta: { refusal: 'Hello' } }))],
  [
    'a refusal beside an empty content',
    event(choice({ delta: { content: '', refusal: 'Hello' } })),
  ],
  ['a refusal beside a content', event(choice({ delta: { content: 'Hel', refusal: 'lo' } }))],
  ['{text}', delta({ text: 'Hello' })],
  ['a refusal of the choice', event(choice({ delta: {}, refusal: 'Hello' }))],
  ['the words of a voice in a part', delta([{ type: 'output_audio', transcript: 'Hello' }])],
  [
    'a message of parts',
    event(choice({ message: { content: [{ type: 'text', text: 'Hello' }] } })),
  ],
  ['a delta in an array', event(choice({ delta: [{ content: 'Hello' }] }))],
  ['a delta that is a string', event(choice({ delta: 'Hello' }))],
  ['a delta with text', event(choice({ delta: { type: 'text_delta', text: 'Hello' } }))],
  ['the words of a voice', event(choice({ delta: { audio: { id: 'a', transcript: 'Hello' } } }))],
  ['a message', event(choice({ message: { content: 'Hello' } }))],
  ['a message beside delta null', event(choice({ delta: null, message: { content: 'Hello' } }))],
  [
    'a message that repeats the delta',
    event(choice({ delta: { content: 'Hello' }, message: { content: 'Hello' } })),
  ],
  ['text of legacy completions', event(choice({ text: 'Hello' }))],
  ['text beside the same delta', event(choice({ text: 'Hello', delta: { content: 'Hello' } }))],
  ['no index', event({ choices: [{ delta: { content: 'Hello' } }] })],
  ['index null', event({ choices: [{ index: null, delta: { content: 'Hello' } }] })],
  ['index "0"', event({ choices: [{ index: '0', delta: { content: 'Hello' } }] })],
  [
    'an array of chunks',
    event([choice({ delta: { content: 'Hel' } }), choice({ delta: { content: 'lo' } })]),
  ],
  ['finish_reason ""', event(choice({ delta: { content: 'Hello' }, finish_reason: '' }))],
  ['finish_reason "null"', event(choice({ delta: { content: 'Hello' }, finish_reason: 'null' }))],
  [
    'finish_reason on each chunk',
    event(choice({ delta: { content: 'Hello' }, finish_reason: 'stop' })),
  ],
];

/** Data that change nothing between two pieces of text. */
const NEUTRAL: [string, string][] = [
  ['empty data', 'data:\n\n'],
  ['blank data', 'data:   \n\n'],
  ['data null', 'data: null\n\n'],
  ['data {}', 'data: {}\n\n'],
  ['data []', 'data: []\n\n'],
  ['a comment', ': OPENROUTER PROCESSING\n\n'],
  ['a ping', 'event: ping\ndata: {"type": "ping"}\n\n'],
  ['a ping in words', 'data: [PING]\n\n'],
  ['id and retry', 'id: 7\nretry: 3000\nretry: soon\n\n'],
  ['a field that nobody knows', 'foo: bar\n\n'],
  ['no choices', event({ id: '', choices: [], prompt_filter_results: [] })],
  ['choices null', event({ choices: null })],
  ['a choice without a delta', event(choice({ content_filter_offsets: { check_offset: 1 } }))],
  [
    'a second choice of a strange index',
    event({ choices: [{ index: [[0]], delta: { content: 'Nope' } }] }),
  ],
  ['error code 0', event({ error_code: 0, error_msg: 'success' })],
  ['message null', event(choice({ message: null }))],
  ['delta null', event(choice({ delta: null }))],
  ['content null', delta(null)],
  ['a content of no parts', delta([])],
  ['a part of text null', delta([{ type: 'text', text: null }])],
  [
    'a thought',
    event(choice({ delta: { content: null, reasoning_content: 'hmm', reasoning: 'hmm' } })),
  ],
  [
    'a call of a tool',
    event(choice({ delta: { tool_calls: [{ index: 0, function: { name: 'f' } }] } })),
  ],
  [
    'what says something about a text',
    event(
      choice({
        delta: {
          role: 'assistant',
          name: 'm',
          content: '',
          reasoning_text: 'hmm',
          tool_output: 'x',
        },
        native_finish_reason: 'x',
      }),
    ),
  ],
  ['error null', event({ error: null, ...choice({ delta: {} }) })],
  ['an empty error', event({ error: {}, choices: [] })],
  ['text of a second choice', event({ choices: [{ index: 1, delta: { content: 'Nope' } }] })],
  [
    'the end of a second choice',
    event({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] }),
  ],
  ['texts of sources', event({ choices: [], sources: [{ document: ['x'], content: 'Nope' }] })],
  [
    'texts of a knowledge base',
    event({
      ...choice({ delta: {} }),
      knowledge_base: { cites: [{ title: 'x', content: 'Nope' }] },
    }),
  ],
  ['texts of a search', event({ choices: [], search_results: [{ title: 'x', text: 'Nope' }] })],
  [
    'texts of a citation',
    event(choice({ delta: { annotations: [{ url_citation: { title: 'x', content: 'Nope' } }] } })),
  ],
  ['the tokens of a text', event(choice({ delta: {}, logprobs: { content: [{ token: 'x' }] } }))],
  [
    'the request, repeated',
    event({ choices: [], debug: { echo_upstream_body: { messages: [{ content: 'Nope' }] } } }),
  ],
  ['what a template made', event({ __verbose: { prompt: 'x', content: 'Nope' } })],
  [
    'the result of a tool',
    event(choice({ delta: {}, messages: [{ role: 'tool', content: 'Nope' }] })),
  ],
  [
    'fields of a vendor',
    event(
      choice({ delta: { provider_specific_fields: { text: 'Nope' }, encrypted_content: 'x' } }),
    ),
  ],
  ['further questions', event({ suggested_replies: [{ text: 'Nope' }] })],
  ['a status that goes on', event({ status: 'processing', code: 200 })],
  ['a part that is a citation', delta([{ type: 'citation', text: 'Nope' }])],
  [
    'a second choice before the first',
    event({
      choices: [
        { index: 1, delta: { content: 'Nope' }, finish_reason: 'length' },
        { index: 0, delta: {} },
      ],
    }),
  ],
  [
    'a second choice without an index',
    event({ choices: [{ delta: {} }, { delta: { content: 'Nope' } }] }),
  ],
];

/** Data after `Hello` that leave it unknown whether the text is complete. */
const NOT_UNDERSTOOD: [string, string][] = [
  ['a number', delta(42)],
  ['true', delta(true)],
  ['false', delta(false)],
  ['an object without text', delta({ foo: 'bar' })],
  ['a part of an unknown kind', delta([{ type: 'riddle', riddle: 'Hello' }])],
  ['a number in a part', delta([{ type: 'text', text: 42 }])],
  ['parts in parts', delta([[{ type: 'text', text: 'x' }]])],
  ['text under another name', event(choice({ delta: { output_text: 'x' } }))],
  ...['contents', 'answer_text', 'finalReply', 'transcript', 'responses'].map(
    (name): [string, string] => [`text under ${name}`, event(choice({ delta: { [name]: 'x' } }))],
  ),
  ['text under another name of the choice', event(choice({ output: 'x' }))],
  ['messages of the choice', event(choice({ messages: [{ delta: { content: 'x' } }] }))],
  ['texts of the choice', event(choice({ messages: [{ sender_type: 'BOT', text: 'x' }] }))],
  ['deltas', event(choice({ deltas: [{ content: 'x' }] }))],
  ['a piece in the choice', event(choice({ chunk: { content: 'x' } }))],
  ['messages of a delta', event(choice({ delta: { messages: [{ content: 'x' }] } }))],
  ['an answer that was parsed', event(choice({ delta: { parsed: { answer: 'x' } } }))],
  ['text beside no choices', event({ choices: [], output_text: 'x' })],
  ['text beside the choices', event({ ...choice({ delta: {} }), reply: 'x' })],
  ['a message beside the choices', event({ ...choice({ delta: {} }), message: { content: 'x' } })],
  ...['body', 'chunk', 'payload', 'event'].map((name): [string, string] => [
    `a chunk in ${name}`,
    event({ id: 1, [name]: choice({ delta: { content: 'x' } }) }),
  ]),
  ['a chunk in two envelopes', event({ p: { data: choice({ delta: { content: 'x' } }) } })],
  [
    'a chunk in a string',
    event({ payload: JSON.stringify(choice({ delta: { content: 'x' } }), null, 1) }),
  ],
  [
    'a chunk in a string, with an escape in each name',
    event({
      payload: JSON.stringify(choice({ delta: { content: 'x' } }))
        .replaceAll('e":', '\\u0065":')
        .replaceAll('t":', '\\u0074":')
        .replaceAll('a":', '\\u0061":')
        .replaceAll('s":', '\\u0073":'),
    }),
  ],
  ...['document', 'file_text', 'reference', 'image_text'].map((type): [string, string] => [
    `a part of type ${type} with text`,
    delta([{ type, text: 'x' }]),
  ]),
  ['an unknown text of Responses', event({ type: 'response.custom_text.delta', delta: 'x' })],
  [
    'a text of Responses that came in no piece',
    event({ type: 'response.output_text.done', text: 'Good bye' }),
  ],
  ['choices that are an object', event({ choices: { delta: { content: 'x' } } })],
  ['choices that are strings', event({ choices: ['x'] })],
  ['text without choices', event({ text: 'x' })],
  ['an event of another API', event({ type: 'content_block_delta', delta: { text: 'x' } })],
  ['candidates', event({ candidates: [{ content: { parts: [{ text: 'x' }] } }] })],
  ['a chunk in an envelope', event({ data: choice({ delta: { content: 'x' } }) })],
  ['a string', 'data: "x"\n\n'],
  ['a word', 'data: x\n\n'],
  ['a number for an event', 'data: 1\n\n'],
  ['a message that says something else', event(message('Good bye'))],
  ['JSON without its end', 'data: {"choices":\n\n'],
  ['an error', event({ error: { message: 'scripted' } })],
  ['an error in a string', event({ error: 'scripted' })],
  ['an error in an array', event({ error: [{ message: 'scripted' }] })],
  ['errors', event({ errors: [{ code: 1 }] })],
  ['an error in an array of chunks', event([{ error: { code: 503 } }])],
  ['an error in the choice', event(choice({ error: { code: 502 }, delta: { content: '' } }))],
  ['an error code', event({ error_code: 336_100, error_msg: 'scripted' })],
  ['a code and a msg', event({ code: 50_001, msg: 'scripted', data: null })],
  ['no success', event({ success: false })],
  ['detail', event({ detail: 'scripted' })],
  ['a code and a message', event({ code: 'InvalidParameter', message: 'scripted' })],
  ['object error', event({ object: 'error', code: 1 })],
  ['type error', event({ type: 'error' })],
  ['an event error', 'event: error\ndata: {}\n\n'],
  ['an event error without data', 'event: error\ndata:\n\n'],
  ['an event of an exception', 'event: exception\ndata: gone\n\n'],
  ['an error in the delta', event(choice({ delta: { error: 'scripted' } }))],
  ...['err', 'Error', 'fault'].map((name): [string, string] => [
    `an error by the name ${name}`,
    event({ [name]: { message: 'scripted' } }),
  ]),
  ['a status of HTTP', event({ code: 503, choices: [] })],
  ['a status of HTTP in words', event({ status: '503' })],
  ['a status with a code', event({ status: { code: 503, message: 'scripted' } })],
  ['a field of the name error', 'error: scripted\n\n'],
  ['an error without the name of a field', '{"error": {"message": "scripted"}}\n\n'],
  ['a status of the vendor', event({ base_resp: { status_code: 1004 }, choices: [] })],
  ['finish_reason error', event(choice({ delta: { content: '' }, finish_reason: 'error' }))],
  ['finish_reason abort', event(choice({ delta: {}, finish_reason: { type: 'abort' } }))],
];

const completed: Case[] = [
  { what: 'JSON under text/event-stream', body: JSON.stringify(message(ESSAY)), headers: SSE },
  { what: 'events under application/json', body: HELLO, headers: JSON_TYPE },
  { what: 'events under text/plain', body: HELLO, headers: { 'content-type': 'text/plain' } },
  { what: 'events under text/html', body: HELLO, headers: { 'content-type': 'text/html' } },
  { what: 'events without a type', body: HELLO },
  {
    what: 'events under TEXT/Event-Stream with parameters',
    body: HELLO,
    headers: { 'content-type': 'TEXT/Event-Stream ; charset="utf8"; x' },
  },
  { what: 'a byte order mark before the events', body: `\uFEFF${HELLO}` },
  { what: 'a byte order mark before JSON', body: `\uFEFF\n ${JSON.stringify(message(ESSAY))}` },
  { what: 'line ends of CR', body: HELLO.replaceAll('\n', '\r') },
  { what: 'line ends of CRLF', body: HELLO.replaceAll('\n', '\r\n') },
  { what: 'no blanks after the colon', body: HELLO.replaceAll('data: ', 'data:') },
  { what: 'names of fields in capitals, indented', body: HELLO.replaceAll('data: ', ' Data: ') },
  { what: 'events in events', body: HELLO.replaceAll('data: ', 'data:data: ') },
  { what: 'no blank lines between events', body: HELLO.replaceAll('\n\n', '\n') },
  {
    what: 'names of events',
    body: HELLO.replaceAll('data: ', 'event: message\nid: 1\ndata: '),
  },
  {
    what: 'JSON over several lines of data',
    body:
      event(
        JSON.stringify(choice({ delta: { content: ESSAY } }), null, 1).replaceAll('\n', '\ndata: '),
      ) + STOP,
  },
  { what: 'a whole answer in one event', body: event(message(ESSAY)) + DONE },
  {
    what: 'a whole answer that repeats the pieces at the end',
    body:
      textChunk('Hello') +
      textChunk(' world') +
      event({ object: 'chat.completion', ...message(ESSAY) }),
  },
  {
    what: 'a whole answer that goes beyond the pieces',
    body: textChunk('Hello') + event({ object: 'chat.completion', ...message(ESSAY) }),
  },
  {
    what: 'text behind the finish reason',
    body: textChunk('Hello') + STOP + textChunk(' world') + DONE,
  },
  ...[
    ...['[DONE]', ' [DONE] ', '[ DONE ]', '[done]', '"[DONE]"', 'DONE', "'[DONE]'", '[DONE].'],
    ...['[[DONE]]', '[END]', '[EOS]', '[STREAM_END]', '<DONE>', '\t[DONE]\t'],
  ].map((done) => ({
    what: `data:${done} without a finish reason`,
    body: `${textChunk(ESSAY)}data:${done}\n\n`,
  })),
  ...['event: done\ndata: {}\n\n', 'event: end\ndata:\n\n'].map((end) => ({
    what: `${JSON.stringify(end)} without a finish reason`,
    body: textChunk(ESSAY) + end,
  })),
  { what: '[DONE] without a line end', body: `${textChunk(ESSAY)}data: [DONE]` },
  { what: 'an unknown finish reason', body: textChunk(ESSAY) + finishChunk('eos'), reason: 'eos' },
  {
    what: 'a finish reason of 1 MB',
    body: textChunk(ESSAY) + finishChunk('x'.repeat(1e6)),
    reason: 'x'.repeat(100),
  },
  {
    what: 'usage on each chunk',
    body:
      event({ ...choice({ delta: { content: ESSAY } }), usage: usage(1) }) +
      event({ ...choice({ delta: {}, finish_reason: 'stop' }), usage: usage(2) }) +
      event({ choices: [], usage: usage(3) }) +
      event({ choices: [], usage: usage(4) }) +
      DONE,
    completionTokens: 4,
  },
  {
    what: 'usage in the choice',
    body:
      textChunk(ESSAY) +
      event(choice({ delta: {}, finish_reason: 'stop', usage: usage(9) })) +
      DONE,
    completionTokens: 9,
  },
  {
    what: 'thoughts only',
    body: event(choice({ delta: { reasoning: 'hmm' } })) + STOP + DONE,
    text: '',
  },
  {
    what: 'calls of tools only',
    body:
      event(choice({ delta: { tool_calls: [{ index: 0 }] }, finish_reason: 'tool_calls' })) + DONE,
    text: '',
    reason: 'tool_calls',
  },
  { what: 'a whole answer of content null', body: JSON.stringify(message(null)), text: '' },
  { what: 'a whole answer over several lines', body: JSON.stringify(message(ESSAY), null, 2) },
  { what: 'a whole answer with a line end', body: `${JSON.stringify(message(ESSAY))}\r\n` },
  {
    what: 'a whole answer without a finish reason',
    body: `${JSON.stringify(message(ESSAY, null))}\n`,
  },
  {
    what: 'a whole answer of parts',
    body: JSON.stringify(message([{ type: 'text', text: ESSAY }])),
  },
  {
    what: 'a whole answer of a refusal',
    body: JSON.stringify(
      choice({ message: { content: '', refusal: ESSAY }, finish_reason: 'stop' }),
    ),
  },
  {
    what: 'a whole answer of several choices',
    body: JSON.stringify({
      choices: [
        { index: 1, message: { content: 'Nope' }, finish_reason: 'length' },
        { index: 0, message: { content: ESSAY }, finish_reason: 'stop' },
      ],
    }),
  },
  {
    what: 'a whole legacy completion',
    body: JSON.stringify(choice({ text: ESSAY, finish_reason: 'stop' })),
  },
  {
    what: 'lines of JSON',
    body: `${JSON.stringify(choice({ delta: { content: 'Hello' } }))}\n${JSON.stringify(choice({ delta: { content: ' world' }, finish_reason: 'stop' }))}\n`,
  },
  {
    what: 'lines of Ollama',
    body: `{"message":{"content":"Hello"},"done":false}\n{"message":{"content":" world","thinking":"hmm"},"done":false}\n{"message":{"content":""},"done":true,"done_reason":"length","prompt_eval_count":7,"eval_count":2}`,
    headers: { 'content-type': 'application/x-ndjson' },
    reason: 'length',
    completionTokens: 2,
  },
  {
    what: 'lines of Ollama that generate',
    body: '{"response":"Hello","done":false}\n{"response":" world","done":true}\n',
  },
  {
    what: 'events of Responses',
    body:
      event({ type: 'response.created', response: { error: null, output: [] } }) +
      event({ type: 'response.reasoning_text.delta', delta: 'hmm' }) +
      event({ type: 'response.output_text.delta', delta: 'Hello' }) +
      event({ type: 'response.output_text.delta', delta: ' world' }) +
      event({ type: 'response.output_text.done', text: ESSAY }) +
      event({
        type: 'response.completed',
        response: {
          object: 'response',
          status: 'completed',
          output: [{ type: 'message', content: [{ type: 'output_text', text: ESSAY }] }],
          usage: { input_tokens: 7, output_tokens: 2 },
        },
      }),
    completionTokens: 2,
  },
  ...[
    ['texts', { type: 'response.output_text.done', text: ESSAY }],
    ['parts', { type: 'response.content_part.done', part: { type: 'output_text', text: ESSAY } }],
    [
      'items',
      {
        type: 'response.output_item.done',
        item: { type: 'message', content: [{ type: 'output_text', text: ESSAY }] },
      },
    ],
    ['the words of a voice', { type: 'response.output_audio_transcript.done', transcript: ESSAY }],
  ].map(([what, said]) => ({
    what: `events of Responses that only have whole ${what}`,
    body:
      event({ type: 'response.function_call_arguments.delta', delta: '{' }) +
      event(said) +
      event({ type: 'response.completed', response: { status: 'completed', output: [] } }),
  })),
  {
    what: 'a whole answer of Responses with texts in no message',
    body: JSON.stringify({
      object: 'response',
      output: [
        { type: 'function_call', arguments: '{"text":"x"}' },
        { type: 'output_text', text: ESSAY },
      ],
    }),
  },
  {
    what: 'a whole answer of Responses',
    body: JSON.stringify({
      object: 'response',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      text: { format: { type: 'text' } },
      output: [
        { type: 'reasoning', summary: [] },
        { type: 'message', content: [{ type: 'output_text', text: ESSAY }] },
      ],
    }),
    reason: 'length',
  },
];

const failed: Case[] = [
  { what: 'nothing', body: '', headers: SSE },
  { what: 'blanks', body: ' \n\n ', headers: SSE },
  { what: '[DONE] only', body: DONE },
  { what: 'comments only', body: ': hello\n\n' },
  { what: 'a page under text/event-stream', body: '<!doctype html><p>Sign in', headers: SSE },
  { what: 'words', body: 'Internal Server Error', headers: { 'content-type': 'text/plain' } },
  { what: 'an error in JSON', body: '{"error":"model not found"}', headers: JSON_TYPE },
  { what: 'an error in an array', body: '[{"error":{"code":503}}]', headers: SSE },
  { what: 'detail in JSON', body: '{"detail":"Not Found"}' },
  { what: 'a string of JSON', body: '"Hello"', headers: JSON_TYPE },
  { what: 'no choices', body: '{"choices":[]}', headers: JSON_TYPE },
  {
    what: 'a second choice only',
    body: event({ choices: [{ index: 1, delta: { content: 'x' } }] }) + DONE,
  },
  {
    what: 'words under a name that nobody knows',
    body: event(choice({ delta: { role: 'assistant', say: 'Hello' } })) + STOP + DONE,
  },
  {
    what: 'a whole answer under a name that nobody knows',
    body: JSON.stringify(
      choice({ message: { role: 'assistant', say: 'Hello' }, finish_reason: 'stop' }),
    ),
  },
  {
    what: 'a whole answer in messages',
    body: JSON.stringify(choice({ messages: [{ content: 'Hello' }], finish_reason: 'stop' })),
  },
  {
    what: 'a whole answer below a name of its choice that nobody knows',
    body: JSON.stringify(choice({ generated: 'Hello', finish_reason: 'stop' })),
  },
  {
    what: 'a whole answer in an envelope of a string',
    body: JSON.stringify({ statusCode: 200, body: JSON.stringify(message(ESSAY)) }),
  },
  {
    what: 'a Response of an item that nobody knows',
    body: JSON.stringify({
      object: 'response',
      output: [{ type: 'riddle', riddle: { answer: 'Hello' } }],
    }),
  },
  { what: 'a whole answer in an unknown shape', body: JSON.stringify(message({ foo: 1 })) },
  {
    what: 'half a whole answer',
    body: JSON.stringify(message(ESSAY)).slice(0, -9),
    headers: JSON_TYPE,
  },
  {
    what: 'a failed Response',
    body: event({ type: 'response.failed', response: { status: 'failed' } }),
  },
  { what: 'a thousand arrays in each other', body: '['.repeat(1e5) + ']'.repeat(1e5) },
];

const broken: Case[] = [
  { what: 'events without an end', body: textChunk('Hello') },
  {
    what: 'a line of JSON that goes on',
    body: `${JSON.stringify(choice({ delta: { content: 'Hello' } }))}\n`,
  },
  { what: 'a line of Ollama that goes on', body: '{"message":{"content":"Hello"},"done":false}\n' },
];

describe('What model servers send', () => {
  let upstream: upstreams.Upstream;
  let provider: OpenAIProvider;

  const ask = async (does: upstreams.Behaviour) => {
    let text = '';
    upstream.script(does);
    const push = (piece: string) => {
      expect(piece).not.to.equal('');
      text += piece;
    };
    const outcome: { end?: CompletionEnd; error?: unknown } = await provider
      .stream(REQUEST, push, { signal: new AbortController().signal })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ error }));
    return { text, ...outcome };
  };
  const askBody = ({ body, headers = SSE }: Pick<Case, 'body' | 'headers'>) =>
    ask(upstreams.body(body, headers));
  const expectText = async (body: string, text: string) => {
    const result = await askBody({ body });
    expect(result.error).to.equal(undefined);
    expect([result.text, result.end?.finishReason]).to.deep.equal([text, 'stop']);
  };
  const expectBroken = (error: unknown) => {
    expect(error).to.be.instanceOf(ProviderError);
    expect((error as ProviderError).code).to.equal('provider_error');
  };

  const create = (limits: { idleTimeoutMs?: number } = {}) =>
    createOpenAIProvider({
      apiKey: null,
      baseUrl: upstream.url,
      defaultModel: 'scripted',
      models: [],
      connectTimeoutMs: 5_000,
      firstChunkTimeoutMs: 20_000,
      idleTimeoutMs: 20_000,
      totalTimeoutMs: 30_000,
      maxRetries: 0,
      ...limits,
    });

  before(async () => {
    upstream = await upstreams.startUpstream();
    provider = create();
  });
  after(async () => {
    await provider.stop();
    await upstream.stop();
  });

  for (const [what, chunk] of READ) {
    it(`is read: ${what}`, () => expectText(chunk + textChunk(' world') + STOP + DONE, ESSAY));
  }

  for (const [what, data] of NEUTRAL) {
    it(`changes nothing in an answer: ${what}`, () =>
      expectText(
        data + textChunk('Hello') + data + textChunk(' world') + data + STOP + DONE,
        ESSAY,
      ));
  }

  for (const [what, data] of NOT_UNDERSTOOD) {
    it(`ends an answer as provider_error, its text kept: ${what}`, async () => {
      const { text, error } = await askBody({
        body: textChunk('Hello') + data + textChunk(' world') + STOP + DONE,
      });
      expectBroken(error);
      expect(text).to.equal('Hello');
    });
  }

  for (const { what, text = ESSAY, reason = 'stop', completionTokens, ...rest } of completed) {
    it(`is a whole answer: ${what}`, async () => {
      const { end, ...result } = await askBody(rest);
      expect(result).to.deep.equal({ text });
      expect(end?.finishReason).to.equal(reason);
      expect(end?.usage?.completion_tokens).to.equal(completionTokens);
    });
  }

  for (const { what, ...rest } of failed) {
    it(`is no answer: ${what}`, async () => {
      const { text, end, error } = await askBody(rest);
      expect(text).to.equal('');
      if (error) expectBroken(error);
      expect(end?.finishReason ?? null).to.equal(null);
    });
  }

  for (const [name, content, bytes] of encodings()) {
    it(`is decoded, though nobody asked for it: ${name}`, async () => {
      const { error, text, end } = await ask(
        upstreams.body(bytes, { ...SSE, 'content-encoding': content }),
      );
      expect(error).to.equal(undefined);
      expect([text, end?.finishReason]).to.deep.equal([ESSAY, 'stop']);
      expect(upstream.requests.at(-1)?.headers['accept-encoding']).to.equal('identity');
    });
  }

  const umlauts = textChunk('Hällo') + textChunk(' wörld') + STOP + DONE;
  for (const [charset, bytes] of [
    ['iso-8859-1', Buffer.from(umlauts, 'latin1')],
    ['"windows-1252"', Buffer.from(umlauts, 'latin1')],
    ['utf-16le', Buffer.from(umlauts, 'utf16le')],
    ['iso-8859-1, though it is UTF-8', Buffer.from(umlauts)],
    ['nobody-knows', Buffer.from(umlauts)],
  ] as const) {
    for (const size of [1, 4_096]) {
      it(`is text in the charset that it names: ${charset}, in packets of up to ${size} bytes`, async () => {
        const type = `text/event-stream; charset=${charset.split(',')[0]}`;
        const { error, text, end } = await ask(async (response) => {
          response.writeHead(200, { 'content-type': type });
          for (let at = 0; at < bytes.length; at += size) {
            response.write(bytes.subarray(at, at + size));
            await nextTurn();
          }
          response.end();
        });
        expect(error).to.equal(undefined);
        expect([text, end?.finishReason]).to.deep.equal(['Hällo wörld', 'stop']);
      });
    }
  }

  it('is decoded as it comes, also when it comes faster than it can be decoded', async () => {
    const words = Array.from({ length: 20_000 }, (_, i) => `word ${i} ${randomUUID()} `);
    const gzip = zlib.createGzip({ flush: zlib.constants.Z_SYNC_FLUSH });
    let first: () => void = () => {};
    const heard = new Promise<void>((resolve) => {
      first = resolve;
    });
    upstream.script(async (response) => {
      response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' });
      gzip.pipe(response);
      gzip.write(textChunk('Hello'));
      await heard;
      gzip.end(words.map(textChunk).join('') + STOP + DONE);
    });
    let text = '';
    const push = (piece: string) => {
      text += piece;
      first();
    };
    const end = await provider.stream(REQUEST, push, { signal: new AbortController().signal });
    expect(end.finishReason).to.equal('stop');
    expect(text === `Hello${words.join('')}`).to.equal(true);
  });

  it('is not taken for silent while its packets wait to be decoded', async () => {
    const packet = (piece: string) => zlib.gzipSync(textChunk(piece));
    const heard = { text: '', one: () => {} };
    const first = new Promise<void>((resolve) => {
      heard.one = resolve;
    });
    upstream.script(async (response) => {
      response.writeHead(200, { ...SSE, 'content-encoding': 'gzip' });
      response.write(packet('one'));
      await first;
      response.write(packet(' two'), () => {
        standStill(400);
        response.end(zlib.gzipSync(STOP + DONE));
      });
    });
    const hasty = create({ idleTimeoutMs: 200 });
    const push = (piece: string) => {
      heard.text += piece;
      heard.one();
    };
    const end = await hasty.stream(REQUEST, push, { signal: new AbortController().signal });
    expect([heard.text, end.finishReason]).to.deep.equal(['one two', 'stop']);
    await hasty.stop();
  });

  describe('when a compressed answer comes without its end', () => {
    const headers = { ...SSE, 'content-encoding': 'gzip' };
    const start = zlib.gzipSync(textChunk('Hello'), { finishFlush: zlib.constants.Z_SYNC_FLUSH });

    it('keeps the text that came before the connection broke', async () => {
      const { text, error } = await ask((response) => {
        response.writeHead(200, headers);
        response.write(start, () => response.socket?.destroySoon());
      });
      expect(text).to.equal('Hello');
      expect(error).to.have.property('code', 'provider_unavailable');
    });

    it('gives on what came, and does not take it for whole', async () => {
      const { text, end } = await ask(upstreams.body(start, headers));
      expect([text, end?.finishReason]).to.deep.equal(['Hello', null]);
    });

    it('takes it for whole when only the check sum is missing', async () => {
      const bytes = zlib.gzipSync(HELLO).subarray(0, -8);
      const { text, end } = await ask(upstreams.body(bytes, headers));
      expect([text, end?.finishReason]).to.deep.equal([ESSAY, 'stop']);
    });
  });

  for (const [what, bytes, encoding] of [
    ['bytes that are no gzip', Buffer.from('\x1f\x8bHello Hello Hello', 'latin1'), 'gzip'],
    ['an encoding that nobody knows', Buffer.from('????????????'), 'rot13'],
    ['too many encodings', Buffer.from('????????????'), 'br, br, br, br'],
  ] as const) {
    it(`is no answer: ${what}`, async () => {
      const headers = { ...SSE, 'content-encoding': encoding };
      const { text, error } = await ask(upstreams.body(bytes, headers));
      expect(text).to.equal('');
      expectBroken(error);
    });
  }

  it('reads the error of a refusal that came compressed', async () => {
    const refusal = zlib.gzipSync('{"error":{"message":"maximum context length is 4096"}}');
    const { error } = await ask((response) => {
      response.writeHead(400, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      response.end(refusal);
    });
    expect(error).to.have.property('detail').that.includes('too long');
  });

  const heads = ['100 Continue', '103 Early Hints', '102 Processing'];
  for (const [what, interim] of [
    ['100 Continue', heads.slice(0, 1)],
    ['100 Continue twice', ['100 Continue', '100 Continue']],
    ['several interim heads', heads],
  ] as const) {
    for (const size of [1, 4_096]) {
      it(`takes ${what} unasked, in packets of up to ${size} bytes, and uses the connection again`, async () => {
        const start = interim.map((head) => `HTTP/1.1 ${head}\r\nX-Hint: 100\r\n\r\n`).join('');
        for (let i = 0; i < 4; i++) {
          const { error, text } = await ask(async (response) => {
            for (let at = 0; at < start.length; at += size) {
              response.socket?.write(start.slice(at, at + size));
              await nextTurn();
            }
            // An interim head inside the text is text.
            response.writeHead(200, SSE);
            response.end(textChunk(`${ESSAY}\nHTTP/1.1 100 Continue`) + STOP + DONE);
          });
          expect(error).to.equal(undefined);
          expect(text).to.equal(`${ESSAY}\nHTTP/1.1 100 Continue`);
        }
        // An answer ends at `[DONE]`, when its connection may still be busy, so two connections take turns.
        const ports = upstream.requests.slice(-4).map(({ remotePort }) => remotePort);
        expect(new Set(ports).size).to.be.at.most(2);
      });
    }
  }

  for (const { what, ...rest } of broken) {
    it(`is an answer that broke off: ${what}`, async () => {
      const { text, end } = await askBody(rest);
      expect([text, end?.finishReason]).to.deep.equal(['Hello', null]);
    });
  }
});

/** The same answer in every encoding that this Node.js has, and bodies with a wrong label. */
function encodings(): [string, string, Buffer][] {
  const plain = Buffer.from(HELLO);
  const known: [string, string, Buffer][] = [
    ['gzip', 'gzip', zlib.gzipSync(plain)],
    ['X-GZIP', 'X-GZIP', zlib.gzipSync(plain)],
    ['deflate', 'deflate', zlib.deflateSync(plain)],
    ['deflate without its header', 'deflate', zlib.deflateRawSync(plain)],
    ['br', 'br', zlib.brotliCompressSync(plain)],
    ['br, then gzip', 'br, gzip', zlib.gzipSync(zlib.brotliCompressSync(plain))],
    ['identity', 'identity', plain],
    ['gzip without a label', '', zlib.gzipSync(plain)],
    ['gzip that is plain', 'gzip', plain],
    ['br that is plain', 'br', plain],
    ['deflate that is plain JSON', 'deflate', Buffer.from(JSON.stringify(message(ESSAY)))],
  ];
  const zstd: unknown = Reflect.get(zlib, 'zstdCompressSync');
  return typeof zstd === 'function' ? [...known, ['zstd', 'zstd', zstd(plain)]] : known;
}
