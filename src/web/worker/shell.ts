import type { FetchEvent, WorkerScope } from './scope.js';

/** A slower document is replaced by the kept one. */
const PATIENCE_MS = 3_000;
const PREFIX = 'parley-page-';
/** Files whose names change with their content: a kept one is never out of date. */
const HASHED = /^\/assets\/.+-[A-Z0-9]{8}\.[a-z0-9]+$/;
/** The servers' responses vary by the accepted formats, which a worker's own requests do not name. */
const SAME = { ignoreVary: true };

export interface Shell {
  /** Keeps the whole build or, if anything of it fails, nothing. */
  install(): Promise<void>;
  /** Removes older builds but one: tabs that were opened with it may still need its parts. */
  activate(): Promise<void>;
  /** Null: this request is none of the worker's business. */
  respond(event: FetchEvent): Promise<Response> | null;
  /** Keeps files that the page loaded before the worker was there. */
  keep(addresses: readonly string[]): Promise<void>;
}

/** The page without a network: its document, and the files of one build. */
export function createShell(scope: WorkerScope, build: string, files: readonly string[]): Shell {
  const name = PREFIX + build;
  const isHashed = (address: string) => {
    const { origin, pathname } = new URL(address, scope.location.origin);
    return origin === scope.location.origin && HASHED.test(pathname);
  };
  return {
    install: async () => {
      const cache = await caches.open(name);
      await Promise.all([cache.addAll([...files]), keepDocument(cache, build)]);
      await scope.skipWaiting();
    },
    activate: async () => {
      const others = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== name);
      await Promise.all(others.slice(0, -1).map((key) => caches.delete(key)));
      await choosePreload(scope);
      await scope.clients.claim();
    },
    respond: (event) => {
      const { method, mode, url } = event.request;
      if (method !== 'GET' || !url.startsWith(`${scope.location.origin}/`)) return null;
      if (mode === 'navigate' && new URL(url).pathname === '/') return openDocument(event, name);
      return isHashed(url) ? file(event, name) : null;
    },
    keep: async (addresses) => {
      const cache = await caches.open(name);
      for (const address of addresses.filter(isHashed))
        if ((await cache.match(address, SAME)) === undefined) await cache.add(address);
    },
  };
}

/**
 * The browser asks for the document while the worker starts. In Firefox, a request of that kind that fails ends the
 * navigation, whatever the worker responds (GoogleChrome/workbox#3134). Only its name tells that it is Firefox.
 */
async function choosePreload({ navigator, registration }: WorkerScope): Promise<void> {
  const preload = registration.navigationPreload;
  await (navigator.userAgent.includes('Firefox/') ? preload?.disable() : preload?.enable());
}

/** The document may come from a node with another build while nodes are updated one after another. */
async function keepDocument(cache: Cache, build: string): Promise<void> {
  const document = await fetch('/', { headers: { accept: 'text/html' }, cache: 'no-cache' });
  const text = await document.clone().text();
  if (!document.ok || !text.includes(`data-build="${build}"`))
    throw new Error('The document belongs to another build');
  await cache.put('/', document);
}

/**
 * Takes the server's document, so that no old page meets a newer server, or the kept one if the server does not send it
 * in time.
 */
async function openDocument(event: FetchEvent, name: string): Promise<Response> {
  const kept = await caches.match('/', { ...SAME, cacheName: name }).catch(() => undefined);
  const served = fromServer(event);
  event.waitUntil(served.catch(() => undefined));
  if (kept === undefined) return served;
  return Promise.race([served, later(PATIENCE_MS).then(() => kept)]).catch(() => kept);
}

async function fromServer({ request, preloadResponse }: FetchEvent): Promise<Response> {
  const response = (await preloadResponse) ?? (await fetch(request));
  // A proxy speaks for a server that is away.
  if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
  return response;
}

async function file(event: FetchEvent, name: string): Promise<Response> {
  const { request } = event;
  const kept = await caches.match(request, SAME).catch(() => undefined);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) {
    const copy = response.clone();
    const put = caches.open(name).then((cache) => cache.put(request, copy));
    event.waitUntil(put.catch(() => undefined));
  }
  return response;
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
