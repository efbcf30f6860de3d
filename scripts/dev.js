import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { buildStaleReferences } from './build.js';
import { loadEnv } from './env-file.js';
import { pageOptions } from './page-build.js';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
loadEnv('.env');

await buildStaleReferences();
const page = await context({ ...pageOptions(root, 'public/assets', true), sourcemap: 'linked' });
await page.watch();

// A restart need not wait for running answers, which continue as new attempts.
const env = { DRAIN_SECONDS: '0', ...process.env };
const args = ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'src/index.ts'];
const stdio = ['ignore', 'inherit', 'inherit'];
// A separate process group: if Ctrl-C reaches tsx twice, it kills the node and leaves its Postgres behind.
const server = spawn(process.execPath, args, { stdio, env, detached: true });

let told = false;
function end(signal) {
  if (!told) server.kill(signal);
  told = true;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));
server.on('exit', async (code) => {
  await page.dispose();
  process.exitCode = code ?? 1;
});
