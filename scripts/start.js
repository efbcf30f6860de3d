import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (!existsSync('node_modules')) {
  console.error('Dependencies are missing: run `npm ci` first.');
  process.exit(1);
}
try {
  const { loadEnv } = await import('./env-file.js');
  loadEnv('.env');
  const { buildStale } = await import('./build.js');
  await buildStale();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import(process.argv[2] === 'cli' ? '../dist/cli.js' : '../dist/index.js');
