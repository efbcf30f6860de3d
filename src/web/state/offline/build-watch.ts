import { type ReadonlySignal, signal } from '@preact/signals';
import type { ParleyClient } from '../../../client/index.js';
import { currentDocument } from '../device/page-parts.js';
import { ownBuild, type Registration } from './service-worker.js';

/** `ready`: the server has another page. `needed`: it refuses this one, so nothing is sent any more. */
export type Update = 'none' | 'ready' | 'needed';

export interface BuildWatch {
  update: ReadonlySignal<Update>;
  /** Dismisses the update: this page goes on with its own build. */
  dismiss(): void;
  stop(): void;
}

/** Compares the page with the server's at each connect. `worker`: is to fetch the new build, too. */
export function watchBuild(client: ParleyClient, worker: Promise<Registration | null>): BuildWatch {
  const update = signal<Update>('none');
  const own = ownBuild();
  let refused: string | null = null;
  /** A node that was not updated yet may have served the document, so what counts is what a reload would bring. */
  const look = async (page: string) => {
    const served = buildIn(await currentDocument());
    if (served === null || served === own || update.peek() !== 'none') return;
    void worker.then((registration) => registration?.update()).catch(() => undefined);
    if (page !== refused) update.value = 'ready';
  };
  const unhear = client.onHello(({ page }) => {
    // Nodes of earlier releases do not name their page.
    if (own !== '' && page && page !== own) void look(page);
  });
  const unsubscribe = client.connection.subscribe(({ state, code }) => {
    if (state === 'ended' && code === 'validation_failed') update.value = 'needed';
  });
  return {
    update,
    dismiss: () => {
      refused = client.hello()?.page ?? null;
      update.value = 'none';
    },
    stop: () => {
      unhear();
      unsubscribe();
    },
  };
}

const buildIn = (document: string | null): string | null =>
  /data-build="(\w+)"/.exec(document ?? '')?.[1] ?? null;
