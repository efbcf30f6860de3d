import { connect } from 'node:net';
import { serveReaders } from './reader-process.js';

/** Headers tell Portkey the address of the model server. */
const HEADERS: Record<string, string> = JSON.parse(process.env.HEADERS ?? '{}');
const PATH = process.env.CHAT_PATH ?? '/chat';
const BODY = JSON.stringify({
  model: 'bench',
  stream: true,
  messages: [{ role: 'user', content: 'q' }],
});

function request(host: string): string {
  const headers = {
    host,
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(BODY)),
    ...HEADERS,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${PATH} HTTP/1.1\r\n${lines.join('')}\r\n${BODY}`;
}

/** Reads one stream to its end at the least possible cost: readers share a processor with the model server. */
function readOne(url: string, onPacket: (bytes: number) => void): Promise<void> {
  const { host, hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  return new Promise((resolve, reject) => {
    let isHead = true;
    socket.on('data', (packet) => {
      if (isHead && !packet.toString('latin1').startsWith('HTTP/1.1 200 ')) {
        socket.destroy(new Error(packet.toString('latin1').slice(0, 100)));
      }
      isHead = false;
      onPacket(packet.length);
    });
    socket.on('end', () => resolve()).on('error', reject);
    socket.write(request(host));
  });
}

serveReaders({
  prepare: async () => {},
  read: (url, _index, onPacket) => readOne(url, onPacket),
});
