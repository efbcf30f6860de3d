import { once } from 'node:events';
import { connect } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { Frame } from './frames.js';

/** How long a connection may stay silent before it is given up. */
const PATIENCE_MS = 300;

const engine = (url: string, transport: string) => `${url}/socket.io/?EIO=4&transport=${transport}`;

/** Sends packets on a bare websocket, after the handshake, with a token if given. */
export async function sendFrames(url: string, frames: Frame[], token?: string): Promise<void> {
  const socket = new WebSocket(engine(url.replace('http', 'ws'), 'websocket'));
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  const opened = once(socket, 'message');
  await Promise.race([opened, closed]);
  if (token !== undefined) {
    const welcomed = new Promise<void>((resolve) => {
      socket.on('message', (data: RawData) => {
        if (/^4[24]/.test(String(data))) resolve();
      });
    });
    socket.send(`40${JSON.stringify({ token })}`);
    await Promise.race([welcomed, closed]);
  }
  for (const frame of frames) if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  socket.close();
  const timer = setTimeout(() => socket.terminate(), PATIENCE_MS);
  await closed;
  clearTimeout(timer);
}

/** Sends packets by polling, and returns the status of the last response. */
export async function sendPolling(url: string, frames: Frame[]): Promise<number> {
  const opened = await fetch(engine(url, 'polling'));
  const { sid } = JSON.parse((await opened.text()).slice(1));
  const address = `${engine(url, 'polling')}&sid=${sid}`;
  const body = frames.map((frame) => Buffer.from(frame).toString('latin1')).join('\u001e');
  const posted = await fetch(address, { method: 'POST', body });
  await posted.text();
  const ended = await fetch(address, { method: 'POST', body: '1' });
  await ended.text();
  return posted.status;
}

/** Writes bytes on a bare connection, and returns the response. */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1').on('data', (data) => {
    text += data;
  });
  socket.on('error', () => {});
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.end(bytes, 'latin1');
  await once(socket, 'close');
  return text;
}
