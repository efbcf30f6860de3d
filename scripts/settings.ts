/** Writes `.env.example` and both pages of settings from the table that defines the configuration. */
import { writeFile } from 'node:fs/promises';
import { settingsFiles } from './settings-pages.js';

for (const [path, text] of Object.entries(settingsFiles())) {
  await writeFile(new URL(`../${path}`, import.meta.url), text);
}
