import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import express from 'express';

/** Express and the AI SDK's own way to a browser, as in its documentation. */
const provider = createOpenAICompatible({ name: 'bench', baseURL: process.env.UPSTREAM_URL ?? '' });
const app = express();
app.use(express.json());
app.post('/chat', (req, res) => {
  const result = streamText({ model: provider('bench'), messages: req.body.messages });
  result.pipeUIMessageStreamToResponse(res);
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
