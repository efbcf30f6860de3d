import type { LoadPart } from '../../markdown/load-part.js';
import type { Storage } from './storage.js';

const RELOADED_KEY = 'parley:reloaded-for';
/** The server is asked no more often: a part that cannot be loaded is needed again and again. */
const LOOK_EVERY_MS = 60_000;

interface Options {
  /** Storage of this tab. */
  storage: Storage;
  /** A part is gone because the server has a newer page. Returns whether it will be loaded. */
  outdated(): boolean;
}

/** The address of the page's code, which is another for each build. */
const ownCode = (): string | null =>
  document.querySelector('script[type=module]')?.getAttribute('src') ?? null;

/** The document that the server has now; null if it cannot be read. */
export async function currentDocument(): Promise<string | null> {
  const asked = { headers: { accept: 'text/html' }, cache: 'no-cache' } as const;
  const response = await fetch('/', asked).catch(() => null);
  return response?.ok ? response.text().catch(() => null) : null;
}

/** Parts of an old build are gone after an update, so the page must be loaded again: once for each build. */
export function createPartLoader({ storage, outdated }: Options): LoadPart {
  let lookedAt = Number.NEGATIVE_INFINITY;
  const look = async () => {
    if (performance.now() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = performance.now();
    const own = ownCode();
    const current = await currentDocument();
    const code =
      current === null ? null : (/<script type="module" src="([^"]+)"/.exec(current)?.[1] ?? null);
    if (own === null || code === null || code === own || storage.get(RELOADED_KEY) === code) return;
    if (outdated()) storage.set(RELOADED_KEY, code);
  };
  return async (load) => {
    try {
      return await load();
    } catch (error) {
      void look();
      throw error;
    }
  };
}
