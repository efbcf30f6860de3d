import { writeFile } from 'node:fs/promises';
import { ENV_TABLE } from '../src/config/config.js';

/** Writes `.env.example` from the table that the configuration is read by. */
const head = `# Copy to .env and change what you need; \`npm start\` reads it. Unset or empty means the default shown.\n`;
const entries = ENV_TABLE.map(
  (entry) => `\n# ${entry.description}\n#${entry.name}=${entry.default}\n`,
);

await writeFile(new URL('../.env.example', import.meta.url), head + entries.join(''));
