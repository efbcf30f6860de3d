import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Logger } from '../domain/logger.js';

/**
 * Resolves when the server listens. It then logs its errors, each of which concerns one connection.
 * @throws Error if it cannot listen at this port
 */
export async function listen(server: Server, port: number, logger: Logger): Promise<void> {
  const listening = once(server, 'listening');
  server.listen(port);
  await listening;
  server.on('error', (err) => logger.error({ err }, 'a connection was not accepted'));
}
