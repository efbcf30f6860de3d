import { request } from 'undici';
import { startReadingPeer } from './reading-peer.js';

/** The lowest possible cost of reading a stream here: undici's body by events, split at blank lines, JSON.parse. */
async function read(url: string): Promise<number> {
  const { body } = await request(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench', stream: true, messages: [] }),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let rest = '';
  let chars = 0;
  body.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    body.on('data', (text: string) => {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        if (event === 'data: [DONE]') continue;
        chars += JSON.parse(event.slice(6)).choices[0]?.delta.content?.length ?? 0;
      }
    });
    body.on('end', () => resolve(chars)).on('error', reject);
  });
}

startReadingPeer(read);
