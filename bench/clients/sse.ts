import { Agent, request } from 'undici';
import { packetsOf, type ReaderResult, serveReaders } from './reader-process.js';

const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connections: null });
/** Portkey is told in headers where the model server is. */
const headers = JSON.parse(process.env.HEADERS ?? '{}');
const path = process.env.CHAT_PATH ?? '/chat';

/** One stream, read to its end. */
async function readOne(url: string): Promise<ReaderResult> {
  const { body, statusCode } = await request(`${url}${path}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'bench',
      stream: true,
      messages: [{ role: 'user', content: 'q' }],
    }),
  });
  const seen = packetsOf();
  for await (const packet of body as AsyncIterable<Buffer>) seen.packet(packet.length);
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  return seen.result();
}

serveReaders({
  prepare: async () => {},
  read: (url) => readOne(url),
});
