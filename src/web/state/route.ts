import { computed, type ReadonlySignal, signal } from '@preact/signals';

export interface Router {
  /** The conversation in the address; null: a new one. */
  conversationId: ReadonlySignal<number | null>;
  /** The message in the address, to which the page goes. */
  messageId: ReadonlySignal<number | null>;
  go(conversationId: number | null): void;
  /** Like `go`, without a step for the back button. */
  replace(conversationId: number | null): void;
}

export const hrefOf = (conversationId: number | null, messageId: number | null = null): string => {
  if (conversationId === null) return '#/';
  return messageId === null ? `#/c/${conversationId}` : `#/c/${conversationId}/m/${messageId}`;
};

export function createRouter(): Router {
  const place = signal(parse(location.hash));
  const conversationId = computed(() => place.value.conversationId);
  const messageId = computed(() => place.value.messageId);
  addEventListener('hashchange', () => {
    place.value = parse(location.hash);
  });
  return {
    conversationId,
    messageId,
    go: (id) => {
      location.hash = hrefOf(id);
    },
    replace: (id) => {
      history.replaceState(null, '', hrefOf(id));
      place.value = { conversationId: id, messageId: null };
    },
  };
}

function parse(hash: string): { conversationId: number | null; messageId: number | null } {
  const [, conversation, message] = /^#\/c\/(\d{1,16})(?:\/m\/(\d{1,16}))?$/.exec(hash) ?? [];
  const conversationId = idOf(conversation);
  return { conversationId, messageId: conversationId === null ? null : idOf(message) };
}

function idOf(text: string | undefined): number | null {
  const id = Number(text ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
