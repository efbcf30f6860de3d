import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { EventParser } from '../../../src/client/rest/event-parser.js';
import { CompletionStream } from '../../../src/http/programs/completion-stream.js';

const LISTENER = { onSent() {}, onOverflow() {} };

const NEVER = { pingEveryMs: 600_000, unreadMs: 600_000 };

/** The text that a client reads of the output of `produce`. */
async function sentBy(produce: (stream: CompletionStream) => void, times = NEVER) {
  const app = express().get('/', (_, res) => {
    produce(new CompletionStream(res, LISTENER, times));
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return await (await fetch(url)).text();
  } finally {
    server.close();
  }
}

/** The output that a reader gets of these events. */
async function sent(...texts: string[]): Promise<string[]> {
  const text = await sentBy((stream) => {
    for (const one of texts) stream.send(one);
    stream.done();
  });
  return new EventParser().feed(text).map(({ data }) => data);
}

describe('A stream of /v1', () => {
  it('keeps JSON that is spread over lines in one event, however its lines end', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const json = `{${end}  "a": 1${end}}`;
      expect(await sent(json, '{}'), JSON.stringify(end)).to.deep.equal([
        '{\n  "a": 1\n}',
        '{}',
        '[DONE]',
      ]);
    }
  });

  it('passes on signs at which only some readers break lines', async () => {
    const json = '{"a":"\u2028\u2029\u0085\u000b"}';
    expect(await sent(json)).to.deep.equal([json, '[DONE]']);
  });

  it('ends for the reason for which it has to, also while its reader is slow', async () => {
    const reason = new Error('the key was revoked');
    const ended: Promise<unknown>[] = [];
    await sentBy((stream) => {
      const right = new AbortController();
      stream.send(JSON.stringify('x'.repeat(8_388_608)));
      ended.push(stream.drained(right.signal).catch((error: unknown) => error));
      right.abort(reason);
      stream.done();
    });
    expect(await ended[0]).to.equal(reason);
  });

  it('gives a sign of life while the model thinks, after which a failure is an event', async () => {
    const error = { message: 'no', type: 'server_error', param: null, code: 'unavailable' };
    const text = await sentBy(
      (stream) => {
        const look = setInterval(() => {
          if (!stream.isBegun) return;
          clearInterval(look);
          stream.fail({ error });
        }, 1);
      },
      { ...NEVER, pingEveryMs: 5 },
    );
    expect(text).to.match(/^(: ping\n\n)+data: \{"error":.*\}\n\n$/);
  });
});
