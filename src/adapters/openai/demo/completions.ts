import type { ServerResponse } from 'node:http';
import { composeReply, type DemoMessage, toPieces } from './reply.js';

/** A checked request to `/v1/chat/completions`. */
export interface CompletionAsk {
  model: string;
  messages: DemoMessage[];
  stream: boolean;
  includeUsage: boolean;
}

const TICK_MS = 20;

interface Head {
  id: string;
  created: number;
  model: string;
}

/** Responds to one request at the given pace. Stops when the client disconnects. */
export function respond(
  response: ServerResponse,
  ask: CompletionAsk,
  id: string,
  tokensPerSecond: number,
): void {
  const pieces = toPieces(composeReply(ask.messages));
  const head = { id, created: Math.floor(Date.now() / 1_000), model: ask.model };
  const usage = countUsage(ask.messages, pieces.length);
  if (ask.stream) respondStream(response, head, { pieces, usage, ask, tokensPerSecond });
  else respondWhole(response, head, { pieces, usage, tokensPerSecond });
}

interface Answer {
  pieces: string[];
  usage: ReturnType<typeof countUsage>;
  tokensPerSecond: number;
}

function respondStream(
  response: ServerResponse,
  head: Head,
  { pieces, usage, ask, tokensPerSecond }: Answer & { ask: CompletionAsk },
): void {
  const chunk = (rest: object) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...rest })}\n\n`;
  const delta = (content: object, finishReason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: finishReason }] });

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write(delta({ role: 'assistant', content: '' }));
  pace(response, pieces.length, tokensPerSecond, {
    send: (from, to) => {
      const due = pieces.slice(from, to);
      response.write(due.map((content) => delta({ content })).join(''));
    },
    finish: () => {
      const last = ask.includeUsage ? chunk({ choices: [], usage }) : '';
      response.end(`${delta({}, 'stop')}${last}data: [DONE]\n\n`);
    },
  });
}

function respondWhole(
  response: ServerResponse,
  head: Head,
  { pieces, usage, tokensPerSecond }: Answer,
): void {
  const message = { role: 'assistant', content: pieces.join('') };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  pace(response, pieces.length, tokensPerSecond, {
    send: () => {},
    finish: () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
    },
  });
}

/** Sends the text that is due by the clock, so that late timers do not slow the answer down. */
function pace(
  response: ServerResponse,
  total: number,
  perSecond: number,
  steps: { send: (from: number, to: number) => void; finish: () => void },
): void {
  const started = performance.now();
  let sent = 0;
  const tick = () => {
    const elapsed = performance.now() - started;
    const due = Math.min(total, Math.floor((elapsed * perSecond) / 1_000) + 1);
    if (due > sent) steps.send(sent, due);
    sent = due;
    if (sent < total) return;
    clearInterval(timer);
    steps.finish();
  };
  const timer = setInterval(tick, TICK_MS);
  response.once('close', () => clearInterval(timer));
  tick();
}

function countUsage(messages: readonly DemoMessage[], completion: number) {
  const prompt = messages.reduce((sum, { content }) => sum + toPieces(content).length + 4, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}
