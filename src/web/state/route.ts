import { type ReadonlySignal, signal } from '@preact/signals';

export interface Router {
  /** The conversation in the address; null: a new one. */
  conversationId: ReadonlySignal<number | null>;
  go(conversationId: number | null): void;
  /** Like `go`, without a step for the back button. */
  replace(conversationId: number | null): void;
}

export const hrefOf = (conversationId: number | null): string =>
  conversationId === null ? '#/' : `#/c/${conversationId}`;

export function createRouter(): Router {
  const conversationId = signal(parse(location.hash));
  addEventListener('hashchange', () => {
    conversationId.value = parse(location.hash);
  });
  return {
    conversationId,
    go: (id) => {
      location.hash = hrefOf(id);
    },
    replace: (id) => {
      history.replaceState(null, '', hrefOf(id));
      conversationId.value = id;
    },
  };
}

function parse(hash: string): number | null {
  const id = Number(/^#\/c\/(\d{1,16})$/.exec(hash)?.[1] ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
