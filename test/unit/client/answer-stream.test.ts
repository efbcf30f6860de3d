import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import {
  type AnswerEvent,
  type AnswerEvents,
  streamAnswer,
  streamChat,
} from '../../../src/client/rest/answer-stream.js';
import { EventParser } from '../../../src/client/rest/event-parser.js';
import type { RestOptions } from '../../../src/client/rest/request.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

describe('The parser of server-sent events', () => {
  const STREAM = [
    ':comment\r\nretry: 700\r\n\r\n',
    'id: 1-1\nevent: delta\ndata: {"text":"a\u2028b: c"}\n\n',
    'data:one\rdata: two\r\r',
    'event: empty\n\nunknown\nid: 1-2\ndata\n\n',
    'data: three\r\ndata: four\r\n\r\n',
  ].join('');

  it('gives the same events for pieces of any size', () => {
    for (const size of [1, 2, 3, 7, STREAM.length]) {
      const parser = new EventParser();
      const pieces = STREAM.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(
        pieces.flatMap((text) => parser.feed(text)),
        String(size),
      ).to.deep.equal([
        { event: 'delta', id: '1-1', data: '{"text":"a\u2028b: c"}' },
        { event: 'message', id: '1-1', data: 'one\ntwo' },
        { event: 'message', id: '1-2', data: '' },
        { event: 'message', id: '1-2', data: 'three\nfour' },
      ]);
      expect(parser.retryMs).to.equal(700);
    }
  });
});

describe('An answer that the client reads as server-sent events', () => {
  let server: Server;
  let options: RestOptions;
  let handlers: Handler[];
  let requests: IncomingMessage[];

  before(async () => {
    const listener: RequestListener = (request, response) => {
      requests.push(request);
      const handle = handlers.shift();
      if (!handle) throw new Error(`unexpected ${request.method} ${request.url}`);
      handle(request, response);
    };
    server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    options = { url, token: () => 'pk_test', timeoutMs: 60_000 };
  });
  after(() => server.close());
  beforeEach(() => {
    requests = [];
  });
  afterEach(() => {
    server.closeAllConnections();
    expect(handlers).to.deep.equal([]);
  });

  const serve = (...next: Handler[]) => {
    handlers = next;
  };
  const head = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1\n\n');
  const event = (name: string, id: string, data: object) =>
    `${id && `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const delta = (attempt: number, seq: number, text: string) =>
    event('delta', `${attempt}-${seq}`, { message_id: 7, attempt, seq, text });
  const end = (attempt: number, seq: number, bytes: number) =>
    event('completed', `${attempt}-${seq}`, { message_id: 7, attempt, seq, bytes });
  /** Sends, and ends as a node that drains. */
  const send =
    (...events: string[]): Handler =>
    (_, response) => {
      head(response);
      response.end(events.join(''));
    };
  /** Sends, and breaks off. */
  const tear =
    (...events: string[]): Handler =>
    (_, response) => {
      head(response);
      response.write(events.join(''), () => response.destroy());
    };
  const refuse =
    (status: number, code: string, retryable: boolean): Handler =>
    (_, response) => {
      response.writeHead(status).end(JSON.stringify({ code, detail: code, retryable }));
    };

  const all = async (stream: AnswerEvents) => {
    const events: AnswerEvent[] = [];
    for await (const one of stream) events.push(one);
    return events;
  };
  const textOf = (events: AnswerEvent[]) =>
    events
      .slice(events.findLastIndex((one) => one.event === 'reset') + 1)
      .map((one) => (one.event === 'delta' ? one.data.text : ''))
      .join('');
  const names = (events: AnswerEvent[]) => events.map((one) => one.event).join(' ');
  const lastIds = () => requests.map(({ headers }) => headers['last-event-id']);
  const codeOf = (stream: AnswerEvents) =>
    all(stream).then(
      () => 'none',
      (error) => error.code,
    );

  it('goes on after what was read, however connections end, and drops what comes twice', async () => {
    serve(
      tear(delta(1, 1, 'Grüße ')),
      refuse(503, 'unavailable', true),
      send(delta(1, 1, 'Grüße '), delta(1, 3, '你好')),
      (_, response) => response.destroy(),
      send(delta(1, 4, '!'), end(1, 4, 15)),
    );
    const events = await all(streamAnswer(options, 7));
    expect(textOf(events)).to.equal('Grüße 你好!');
    expect(names(events)).to.equal('delta delta delta completed');
    expect(events.map(({ id }) => id)).to.deep.equal(['1-1', '1-3', '1-4', '1-4']);
    expect(lastIds()).to.deep.equal([undefined, '1-1', '1-1', '1-3', '1-3']);
    expect(requests.map(({ url }) => url)).to.deep.equal(Array(5).fill('/agent/messages/7/stream'));
    expect(requests[0]?.headers).to.include({
      accept: 'text/event-stream',
      authorization: 'Bearer pk_test',
    });
  });

  it('begins again with a new attempt', async () => {
    serve(
      tear(delta(1, 1, 'lost'), delta(1, 2, ' words')),
      send(event('reset', '2-0', { attempt: 2 }), delta(2, 1, 'kept'), end(2, 1, 4)),
    );
    const events = await all(streamAnswer(options, 7));
    expect(names(events)).to.equal('delta delta reset delta completed');
    expect(textOf(events)).to.equal('kept');
    expect(lastIds()).to.deep.equal([undefined, '1-2']);
  });

  it('is read again, once, if it does not have the announced length', async () => {
    serve(send(delta(1, 2, 'ab'), end(1, 3, 3)), send(delta(1, 3, 'abc'), end(1, 3, 4)));
    const events = await all(streamAnswer(options, 7));
    expect(names(events)).to.equal('delta reset delta completed');
    expect(events[1]).to.deep.equal({ event: 'reset', id: '1-0', data: { attempt: 1 } });
    expect(textOf(events)).to.equal('abc');
    expect(lastIds()).to.deep.equal([undefined, undefined]);
  });

  it('continues what the program has from an earlier run, whose length nobody can check', async () => {
    serve(send(delta(3, 5, 'rest'), end(3, 5, 999)));
    const events = await all(streamAnswer(options, 7, { lastEventId: '3-4' }));
    expect(names(events)).to.equal('delta completed');
    expect(lastIds()).to.deep.equal(['3-4']);
  });

  it('ignores events that it does not know', async () => {
    serve(send(event('later', '1-1', {}), delta(1, 1, 'a'), end(1, 1, 1)));
    expect(names(await all(streamAnswer(options, 7)))).to.equal('delta completed');
  });

  it('is asked for under one client_id until it is known, then read by its id', async () => {
    const bodies: Promise<unknown>[] = [];
    const noting =
      (handle: Handler): Handler =>
      (request, response) => {
        const body = json(request);
        bodies.push(body);
        void body.then(() => handle(request, response));
      };
    serve(
      noting((_, response) => response.destroy()),
      noting(tear(event('message', '', { conversation_id: 3, message_id: 7 }))),
      send(delta(1, 1, 'yes'), end(1, 1, 3)),
    );
    const events = await all(streamChat(options, { message: 'go?', model: 'm' }));
    expect(names(events)).to.equal('message delta completed');
    const [first, second] = (await Promise.all(bodies)) as { client_id: string }[];
    expect(first).to.deep.equal(second);
    expect(first).to.include({ message: 'go?', model: 'm' });
    expect(first?.client_id).to.match(/^[0-9a-f]{32}$/);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
      'POST /agent/chat',
      'POST /agent/chat',
      'GET /agent/messages/7/stream',
    ]);
  });

  it('replaces a connection without a sign', async () => {
    serve(
      (_, response) => {
        head(response);
        response.write(delta(1, 1, 'a'));
      },
      send(delta(1, 2, 'b'), end(1, 2, 2)),
    );
    const events = await all(streamAnswer(options, 7, { silenceMs: 50 }));
    expect(textOf(events)).to.equal('ab');
    expect(lastIds()).to.deep.equal([undefined, '1-1']);
  });

  it('ends with its signal, and so does its connection', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    serve((_, response) => {
      closed = once(response, 'close');
      head(response);
      response.write(delta(1, 1, 'a'));
    });
    const abort = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { event: name } of streamAnswer(options, 7, { signal: abort.signal })) {
        seen.push(name);
        abort.abort();
      }
    })();
    expect(await reading.catch((error: unknown) => error)).to.include({ code: 'unavailable' });
    expect(seen).to.deep.equal(['delta']);
    await closed;
  });

  it('closes its connection when the loop is left', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    serve((_, response) => {
      closed = once(response, 'close');
      head(response);
      response.write(delta(1, 1, 'a'));
    });
    for await (const { event: name } of streamAnswer(options, 7)) if (name === 'delta') break;
    await closed;
  });

  it('is not asked for again where the server refuses', async () => {
    serve(refuse(404, 'not_found', false));
    expect(await codeOf(streamAnswer(options, 7))).to.equal('not_found');
    serve(refuse(422, 'validation_failed', false));
    expect(await codeOf(streamChat(options, { message: '' }))).to.equal('validation_failed');
  });

  it('needs a fetch that streams, and says so', async () => {
    serve(send(end(1, 1, 0)));
    const whole: typeof fetch = async (...args) => {
      const { status } = await fetch(...args);
      return new Response(null, { status });
    };
    expect(await codeOf(streamAnswer({ ...options, fetch: whole }, 7))).to.equal(
      'validation_failed',
    );
  });
});
