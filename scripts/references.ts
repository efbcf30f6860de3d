import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page } from './references/page/page.js';
import { references } from './references/references.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes the references into a directory: `tsx scripts/references.ts public/references`. */
async function write(directory: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const made = references(root, version);
  const { openapi, asyncapi } = made;
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'openapi.json'), JSON.stringify(openapi));
  await writeFile(join(directory, 'asyncapi.json'), JSON.stringify(asyncapi));
  for (const language of ['en', 'zh'] as const)
    await writeFile(join(directory, `docs.${language}.html`), page(made, language));
}

await write(process.argv[2] ?? join(root, 'public/references'));
