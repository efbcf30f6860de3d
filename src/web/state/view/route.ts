import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';

/** One entry of the browser's history. */
export interface Visit {
  /** Stays the same when the user comes back to the entry. */
  key: string;
  /** The user came by the back or forward button. */
  returning: boolean;
}

export interface Router {
  /** The conversation in the address; null: a new one. */
  conversationId: ReadonlySignal<number | null>;
  /** The message in the address, to which the page goes. */
  messageId: ReadonlySignal<number | null>;
  /** The page of administrators. */
  isAdmin: ReadonlySignal<boolean>;
  /** The address of the search, which other programs link to. */
  isSearch: ReadonlySignal<boolean>;
  /** The part of the administrators' page; null: its first part, or another page. */
  adminPart: ReadonlySignal<string | null>;
  /** The token of an invitation in the address. */
  invitation: ReadonlySignal<string | null>;
  visit: ReadonlySignal<Visit>;
  go(conversationId: number | null): void;
  /** Goes to an address of the page, as a link does. */
  follow(href: string): void;
  /** Goes to a conversation without a step for the back button. */
  replace(conversationId: number | null): void;
}

export const ADMIN_HREF = '#/admin';
const SEARCH_HREF = '#/search';

export const adminHref = (part: string): string => `${ADMIN_HREF}/${part}`;

export const hrefOf = (conversationId: number | null, messageId: number | null = null): string => {
  if (conversationId === null) return '#/';
  return messageId === null ? `#/c/${conversationId}` : `#/c/${conversationId}/m/${messageId}`;
};

/** The data that the page stores with an entry of the history. */
interface EntryState {
  key?: string;
  /** The entry lies above the page's own only while the drawer is open: back closes the drawer. */
  drawer?: boolean;
}

export const entryState = (): EntryState => {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? state : {};
};

export function createRouter(): Router {
  const newKey = keys();
  const { key: known } = entryState();
  const address = signal(parse(location.hash));
  const visit = signal<Visit>({ key: known ?? newKey(), returning: false });
  history.replaceState({ key: visit.value.key }, '');

  /** The addresses that entries below the drawer's get as soon as they are shown, by key. */
  const due = new Map<string, string>();
  const arrive = () =>
    batch(() => {
      const { key, drawer } = entryState();
      const href = key === undefined || drawer ? undefined : due.get(key);
      if (key !== undefined && href !== undefined) {
        history.replaceState({ key }, '', href);
        due.delete(key);
      }
      if (key === undefined) begin(location.hash);
      else if (key !== visit.value.key) visit.value = { key, returning: true };
      address.value = parse(location.hash);
    });
  /** Makes the entry that is shown a new one. */
  const begin = (href: string) => {
    visit.value = { key: newKey(), returning: false };
    history.replaceState({ key: visit.value.key }, '', href);
  };
  // A link fires both. Not every step of the history changes the hash.
  addEventListener('popstate', arrive);
  addEventListener('hashchange', arrive);

  const follow = (href: string) => {
    if (!entryState().drawer) {
      location.hash = href;
      return;
    }
    batch(() => {
      begin(href);
      address.value = parse(href);
    });
  };
  return {
    conversationId: computed(() => address.value.conversationId),
    messageId: computed(() => address.value.messageId),
    isAdmin: computed(() => address.value.isAdmin),
    isSearch: computed(() => address.value.isSearch),
    adminPart: computed(() => address.value.adminPart),
    invitation: computed(() => address.value.invitation),
    visit,
    go: (id) => follow(hrefOf(id)),
    follow,
    replace: (id) => {
      const [{ key }, href] = [visit.value, hrefOf(id)];
      if (entryState().drawer) due.set(key, href);
      history.replaceState({ ...entryState(), key }, '', href);
      address.value = { ...NOWHERE, conversationId: id };
    },
  };
}

/** No key occurs twice in a history, which survives reloads. */
function keys(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${performance.timeOrigin}-${count}`;
  };
}

interface Address {
  conversationId: number | null;
  messageId: number | null;
  isAdmin: boolean;
  isSearch: boolean;
  adminPart: string | null;
  invitation: string | null;
}

const NOWHERE: Address = {
  ...{ conversationId: null, messageId: null, invitation: null },
  ...{ isAdmin: false, adminPart: null, isSearch: false },
};

function parse(hash: string): Address {
  const [admin, adminPart = null] = /^#\/admin(?:\/([a-z]+))?$/.exec(hash) ?? [];
  if (admin !== undefined) return { ...NOWHERE, isAdmin: true, adminPart };
  if (hash === SEARCH_HREF) return { ...NOWHERE, isSearch: true };
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
