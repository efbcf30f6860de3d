import type { AddressInfo } from 'node:net';
import express from 'express';
import { OpenAI } from 'openai';

/**
 * The server of most tutorials: Express, the openai SDK, and server-sent events. No account, no log, no second reader.
 */
const client = new OpenAI({ apiKey: 'none', baseURL: process.env.UPSTREAM_URL });
const app = express();
app.use(express.json());
app.post('/chat', async (req, res) => {
  const stream = await client.chat.completions.create({
    model: 'bench',
    stream: true,
    messages: req.body.messages,
  });
  res.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for await (const part of stream) {
    const content = part.choices[0]?.delta.content;
    if (content) res.write(`data: ${JSON.stringify({ content })}\n\n`);
  }
  res.end('data: [DONE]\n\n');
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
