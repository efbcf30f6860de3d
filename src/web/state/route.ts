import { computed, type ReadonlySignal, signal } from '@preact/signals';

export interface Router {
  /** The conversation in the address; null: a new one. */
  conversationId: ReadonlySignal<number | null>;
  /** The message in the address, to which the page goes. */
  messageId: ReadonlySignal<number | null>;
  /** The page of administrators. */
  isAdmin: ReadonlySignal<boolean>;
  /** The token of an invitation in the address. */
  invitation: ReadonlySignal<string | null>;
  go(conversationId: number | null): void;
  /** Like `go`, without a step for the back button. */
  replace(conversationId: number | null): void;
}

export const ADMIN_HREF = '#/admin';

export const hrefOf = (conversationId: number | null, messageId: number | null = null): string => {
  if (conversationId === null) return '#/';
  return messageId === null ? `#/c/${conversationId}` : `#/c/${conversationId}/m/${messageId}`;
};

export function createRouter(): Router {
  const place = signal(parse(location.hash));
  const conversationId = computed(() => place.value.conversationId);
  const messageId = computed(() => place.value.messageId);
  const isAdmin = computed(() => place.value.isAdmin);
  const invitation = computed(() => place.value.invitation);
  addEventListener('hashchange', () => {
    place.value = parse(location.hash);
  });
  return {
    conversationId,
    messageId,
    isAdmin,
    invitation,
    go: (id) => {
      location.hash = hrefOf(id);
    },
    replace: (id) => {
      history.replaceState(null, '', hrefOf(id));
      place.value = { ...NOWHERE, conversationId: id };
    },
  };
}

interface Place {
  conversationId: number | null;
  messageId: number | null;
  isAdmin: boolean;
  invitation: string | null;
}

const NOWHERE: Place = { conversationId: null, messageId: null, isAdmin: false, invitation: null };

function parse(hash: string): Place {
  if (hash === ADMIN_HREF) return { ...NOWHERE, isAdmin: true };
  const [, invitation] = /^#\/invitation\/([\w-]{1,128})$/.exec(hash) ?? [];
  if (invitation !== undefined) return { ...NOWHERE, invitation };
  const [, conversation, message] = /^#\/c\/(\d{1,16})(?:\/m\/(\d{1,16}))?$/.exec(hash) ?? [];
  const conversationId = idOf(conversation);
  return { ...NOWHERE, conversationId, messageId: conversationId === null ? null : idOf(message) };
}

function idOf(text: string | undefined): number | null {
  const id = Number(text ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}
