import type { IncomingMessage } from 'node:http';
import type { CompletionAsk } from './completions.js';
import type { DemoMessage } from './reply.js';

const MAX_BYTES = 16_777_216;

/** A request that the demo model refuses, with its HTTP status. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws BadRequest */
export async function readAsk(request: IncomingMessage): Promise<CompletionAsk> {
  const body = parse(await readText(request));
  const { model, messages, stream, stream_options: options } = body;
  if (typeof model !== 'string') throw new BadRequest(400, "'model' must be a string.");
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new BadRequest(400, "'messages' must be a list with at least one message.");
  }
  return {
    model,
    messages: messages.map(toMessage),
    stream: stream === true,
    includeUsage: isRecord(options) && options.include_usage === true,
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new BadRequest(413, 'The request is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Refused below.
  }
  throw new BadRequest(400, 'The body must be a JSON object.');
}

function toMessage(value: unknown): DemoMessage {
  if (!isRecord(value) || typeof value.role !== 'string') {
    throw new BadRequest(400, 'Each message needs a role.');
  }
  return { role: value.role, content: toText(value.content) };
}

/** A text, or a list of parts whose texts are taken. */
function toText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => (isRecord(part) && typeof part.text === 'string' ? part.text : ''))
    .join('\n');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
