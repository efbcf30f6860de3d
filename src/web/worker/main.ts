import { SYNC_TAG } from '../state/offline/sync-tag.js';
import type { WorkerScope } from './scope.js';
import { sendUnsent } from './send-unsent.js';
import { createShell } from './shell.js';

/** The build that this worker belongs to, and the addresses of its files. Both come from the build. */
declare const BUILD: string;
declare const SHELL: readonly string[];

const scope = globalThis as unknown as WorkerScope;
const shell = createShell(scope, BUILD, SHELL);

scope.addEventListener('install', (event) => event.waitUntil(shell.install()));
scope.addEventListener('activate', (event) => event.waitUntil(shell.activate()));
scope.addEventListener('fetch', (event) => {
  const response = shell.respond(event);
  if (response !== null) event.respondWith(response);
});
scope.addEventListener('message', (event) => {
  if (isAddresses(event.data)) event.waitUntil(shell.keep(event.data).catch(() => undefined));
});
scope.addEventListener('sync', (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sendUnsent());
});

const isAddresses = (data: unknown): data is string[] =>
  Array.isArray(data) && data.every((item) => typeof item === 'string');
