import { OpenAI } from 'openai';
import { startReadingPeer } from './reading-peer.js';

/** Runs the SDK's own loop over a stream, and nothing else. */
async function read(url: string): Promise<number> {
  const client = new OpenAI({ apiKey: 'none', baseURL: url });
  const stream = await client.chat.completions.create({
    model: 'bench',
    stream: true,
    messages: [],
  });
  let chars = 0;
  for await (const part of stream) chars += part.choices[0]?.delta.content?.length ?? 0;
  return chars;
}

startReadingPeer(read);
