import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The model server of the benches, a process of its own: OpenAI-compatible SSE, 4 characters a token, 50 tokens
 * a second, `BENCH_TOKENS` (100) tokens an answer. The first token is the time at which it was written.
 */
const tokens = Number(process.env.BENCH_TOKENS ?? 100);
const PAUSE_MS = 20;

const now = () => performance.timeOrigin + performance.now();
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

function answer(response: ServerResponse): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === tokens) {
      clearInterval(timer);
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
      return;
    }
    const content = sent === 0 ? `${now()} ` : 'abc ';
    sent += 1;
    response.write(chunk({ content }));
  }, PAUSE_MS);
  response.on('close', () => clearInterval(timer));
}

const server = createServer((request, response) => {
  request.resume();
  request.socket.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  answer(response);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ port, msg: 'listening' }));
});
