/** Parts that the types of documents lack. */
export interface Registration extends ServiceWorkerRegistration {
  /** Background Sync, which some browsers have. */
  readonly sync?: { register(tag: string): Promise<void> };
}

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): unknown };
}

const ADDRESS = '/sw.js';
const POLICY = 'parley-worker';

/** The build of this page; empty in development, which has no service worker. */
export const ownBuild = (): string => document.getElementById('app')?.dataset.build ?? '';

/** The worker that opens the page without a network. Null if there is none, or if the browser allows none. */
export async function registerWorker(): Promise<Registration | null> {
  if (ownBuild() === '' || !('serviceWorker' in navigator)) return null;
  const { serviceWorker } = navigator;
  const known = async () => (await serviceWorker.getRegistration().catch(() => undefined)) ?? null;
  const before = await known();
  if (before !== null) return before;
  await idle();
  const registered = await register(serviceWorker).catch(() => null);
  // Somebody who logged in twice before the page was idle has registered it already.
  return registered ?? (await known());
}

const register = async (serviceWorker: ServiceWorkerContainer) =>
  (await serviceWorker.register(trusted(ADDRESS), { updateViaCache: 'none' })) ?? null;

/** Tells the worker what this page loaded before the worker was there. */
export async function keepLoaded(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage(performance.getEntriesByType('resource').map(({ name }) => name));
}

/** The worker is not needed for the first view. */
async function idle(): Promise<void> {
  if (document.readyState !== 'complete')
    await new Promise((resolve) => addEventListener('load', resolve, { once: true }));
  await new Promise<void>((resolve) => {
    if ('requestIdleCallback' in globalThis)
      requestIdleCallback(() => resolve(), { timeout: 5_000 });
    else setTimeout(resolve, 1_000);
  });
}

/** The page's policy refuses plain texts as addresses of scripts. */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const policy = trustedTypes?.createPolicy(POLICY, { createScriptURL: () => address });
  return (policy?.createScriptURL(address) ?? address) as string;
}
