import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A process that reads `?streams=` answers at once for each request, passes them to nobody, and returns their
 * lengths.
 */
export function startReadingPeer(read: (url: string) => Promise<number>): void {
  const upstream = process.env.UPSTREAM_URL ?? '';
  const server = createServer((request, response) => {
    const streams = Number(new URL(request.url ?? '', 'http://peer').searchParams.get('streams'));
    Promise.all(Array.from({ length: streams }, () => read(upstream))).then(
      (chars) => response.end(JSON.stringify(chars)),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ port }));
  });
}
