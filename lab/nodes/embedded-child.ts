import { pino } from 'pino';
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded/server.js';

/** A process that uses the embedded server in argv[2] until it is told to end. */
const server = await startEmbeddedPostgres({
  dataDir: process.argv[2] ?? '',
  logger: pino({ level: 'silent' }),
});
process.stdout.write(`${server.url}\n`);
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
setInterval(() => {}, 60_000);
