import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The model server of the benches, a separate process: OpenAI-compatible SSE with 4 characters per token. It sends
 * `BENCH_TOKENS` (100) tokens per answer, or the number of the last `PUT /<number>`, with `BENCH_PAUSE_MS` (20)
 * between tokens. The first token contains the time at which it was written. With `BENCH_HOLD` an answer never ends.
 */
let tokens = Number(process.env.BENCH_TOKENS ?? 100);
const PAUSE_MS = Number(process.env.BENCH_PAUSE_MS ?? 20);
const holds = process.env.BENCH_HOLD !== undefined;
/** Streams do not all write at the same moment, as in reality. */
const PHASES = 10;

interface Stream {
  response: ServerResponse;
  tokens: number;
  sent: number;
}

const now = () => performance.timeOrigin + performance.now();
const HEAD = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'bench' };
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ ...HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason }] })}\n\n`;

/** A chunk of a body without a length (RFC 9112, section 7.1). */
const framed = (text: string) =>
  Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

/**
 * Pieces are encoded once, and written past Node's HTTP, because the model server shares a processor with the readers.
 */
const TOKEN = framed(chunk({ content: 'abc ' }));
const END = Buffer.from(`${chunk({}, 'stop')}data: [DONE]\n\n`);

function writeToken(stream: Stream, streams: Set<Stream>): void {
  const { response, tokens, sent } = stream;
  if (sent === tokens) {
    streams.delete(stream);
    if (!holds) response.end(END);
    return;
  }
  stream.sent += 1;
  response.socket?.write(sent === 0 ? framed(chunk({ content: `${now()} ` })) : TOKEN);
}

/** Timers drift, so each tick is computed from the start. */
function startPhase(phase: number): Set<Stream> {
  const streams = new Set<Stream>();
  const begun = performance.now() + (phase * PAUSE_MS) / PHASES;
  let ticks = 0;
  const tick = () => {
    ticks += 1;
    for (const stream of streams) writeToken(stream, streams);
    setTimeout(tick, Math.max(0, begun + ticks * PAUSE_MS - performance.now()));
  };
  tick();
  return streams;
}

const phases = Array.from({ length: PHASES }, (_, phase) => startPhase(phase));
let requests = 0;

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'PUT') {
    tokens = Number(request.url?.slice(1));
    response.end();
    return;
  }
  request.socket.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const streams = phases[requests % PHASES];
  const stream = { response, tokens, sent: 0 };
  requests += 1;
  streams?.add(stream);
  response.on('close', () => streams?.delete(stream));
});
server.keepAliveTimeout = 60_000;
// The process must not outlive a bench that failed.
process.stdin.resume().on('end', () => process.exit());
server.listen(0, '127.0.0.1', 4_096, () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ port, msg: 'listening' }));
});
