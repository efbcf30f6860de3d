import { rm } from 'node:fs/promises';
import { holdTestPostgres, stopTestPostgres } from '../../lab/stores/database.js';

const [directory = ''] = process.argv.slice(2);

/** The parent is gone, or needs the copy no more. */
async function end(): Promise<void> {
  await stopTestPostgres();
  await rm(directory, { recursive: true, force: true });
}

// Runs in a copy, before anything in it is changed.
process.once('disconnect', () => void end());
await holdTestPostgres();
process.send?.('ready');
