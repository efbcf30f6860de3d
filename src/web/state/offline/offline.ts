import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type {
  ConnectionStatus,
  ConversationState,
  ListState,
  Pending,
} from '../../../client/index.js';
import type { CopiedOutbox } from './copied-outbox.js';
import type { KeptConversation, KeptList } from './database.js';
import { createKeeper } from './keeper.js';
import type { Kept } from './kept.js';
import { keepLoaded, type Registration } from './service-worker.js';
import { vanished } from './vanished.js';

/** A page that connects within this time shows no copies. */
const PATIENCE_MS = 1_000;
/** The page says what is missing after this time. */
const MISSING_MS = 4_000;
const LIST_MS = 500;

/** The state as the server told it. */
export interface Live {
  connection: ReadonlySignal<ConnectionStatus>;
  pending: ReadonlySignal<readonly Pending[]>;
  list: ReadonlySignal<ListState>;
  pinned: ReadonlySignal<ListState>;
  conversation: ReadonlySignal<ConversationState | null>;
  /** Returns what ends it. */
  onDeleted(listener: (conversationId: number) => void): () => void;
}

/**
 * `kept`: when the shown copy was made. `missing`: there is none. Null: the shown conversation comes from the server.
 */
export type CopyNote = { kept: number } | 'missing' | null;

/** The same without a connection: copies replace the conversations that were not read yet. */
export interface Offline extends Pick<Live, 'list' | 'pinned' | 'conversation'> {
  note: ReadonlySignal<CopyNote>;
  stop(): void;
}

interface Parts {
  live: Live;
  kept: Kept;
  outbox: CopiedOutbox;
  worker: Promise<Registration | null>;
}

export function createOffline({ live, kept, outbox, worker }: Parts): Offline {
  const { away, stop: stopAway } = followAway(live.connection, PATIENCE_MS);
  const { away: longAway, stop: stopLongAway } = followAway(live.connection, MISSING_MS);
  const list = signal<KeptList | null>(null);
  const copy = signal<{ id: number; copy: KeptConversation | null } | null>(null);
  const endings: (() => void)[] = [stopAway, stopLongAway];
  effects(endings, [
    () => outbox.follow(live.pending.value),
    () => {
      if (!away.value || live.list.value.loaded || list.peek() !== null) return;
      void kept.list().then((found) => {
        list.value = found ?? null;
      });
    },
    () => {
      const state = live.conversation.value;
      if (state === null || hasCome(state)) {
        copy.value = null;
        return;
      }
      if (!away.value || copy.peek()?.id === state.id) return;
      const { id } = state;
      void kept.conversation(id).then((found) => {
        if (live.conversation.peek()?.id === id) copy.value = { id, copy: found ?? null };
      });
    },
  ]);
  let stopped = false;
  void worker.then((registration) => {
    if (registration === null || stopped) return;
    void kept.onlyMine();
    void keepLoaded().catch(() => undefined);
    outbox.start(registration);
    endings.push(keepAll(live, kept), wakeWorker(live, outbox));
  });
  const shown = computed(() => {
    const state = live.conversation.value;
    return state === null || hasCome(state) || copy.value?.id !== state.id ? null : copy.value;
  });
  return {
    list: computed(() => listOr(live.list.value, list.value?.active)),
    pinned: computed(() => listOr(live.pinned.value, list.value?.pinned)),
    conversation: computed(() => stateOr(live.conversation.value, shown.value?.copy ?? null)),
    note: computed(() => noteOf(shown.value, longAway.value)),
    stop: () => {
      stopped = true;
      for (const end of endings.splice(0)) end();
    },
  };
}

const hasCome = ({ phase, messages, conversation }: ConversationState): boolean =>
  phase !== 'opening' || messages.length > 0 || conversation !== null;

const listOr = (state: ListState, kept: KeptList['active'] | undefined): ListState =>
  state.loaded || kept === undefined ? state : { ...state, conversations: kept, loaded: true };

function stateOr(
  state: ConversationState | null,
  kept: KeptConversation | null,
): ConversationState | null {
  if (state === null || kept === null) return state;
  const { conversation, members, messages } = kept;
  return { ...state, conversation, members, messages };
}

function noteOf(shown: { copy: KeptConversation | null } | null, longAway: boolean): CopyNote {
  if (shown === null) return null;
  if (shown.copy !== null) return { kept: shown.copy.kept_at };
  return longAway ? 'missing' : null;
}

/** True without a network, or after `afterMs` without a connection. */
function followAway(connection: ReadonlySignal<ConnectionStatus>, afterMs: number) {
  const away = signal(false);
  const stop = effect(() => {
    const { state } = connection.value;
    away.value = state === 'offline';
    if (state === 'online' || state === 'offline' || state === 'ended') return;
    const timer = setTimeout(() => {
      away.value = true;
    }, afterMs);
    return () => clearTimeout(timer);
  });
  return { away: away as ReadonlySignal<boolean>, stop };
}

/** Keeps copies of read conversations, and removes those that are gone. */
function keepAll({ list, pinned, conversation, onDeleted }: Live, kept: Kept): () => void {
  const keeper = createKeeper((state) => void kept.keep(state));
  let known: ListState['conversations'] | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keepLists = () => {
    timer = undefined;
    const [active, pins] = [list.peek(), pinned.peek()];
    if (active.query === '')
      void kept.keepList({ active: active.conversations, pinned: pins.conversations });
  };
  const remove = (id: number) => {
    keeper.drop(id);
    void kept.remove(id);
  };
  const endings: (() => void)[] = [keeper.stop, () => clearTimeout(timer), onDeleted(remove)];
  effects(endings, [
    () => {
      const state = conversation.value;
      if (state?.phase === 'open') keeper.put(state);
      if (state?.phase === 'gone') remove(state.id);
    },
    () => {
      const { value } = list;
      pinned.value;
      if (!value.loaded || value.query !== '') return;
      const before = known === null ? kept.list() : Promise.resolve({ active: known });
      void before.then((then) => {
        // The open conversation reports itself when it is gone: it may only be archived.
        for (const id of vanished(then?.active ?? [], value))
          if (id !== conversation.peek()?.id) remove(id);
      });
      known = value.conversations;
      timer ??= setTimeout(keepLists, LIST_MS);
    },
  ]);
  return () => {
    for (const end of endings) end();
  };
}

/** The worker sends these messages if the page is closed before there is a connection. */
function wakeWorker({ connection, pending }: Live, outbox: CopiedOutbox): () => void {
  const waits = computed(() => pending.value.filter(({ error }) => error === null).length);
  const isAway = computed(() => connection.value.state !== 'online');
  const stop = effect(() => {
    if (waits.value > 0 && isAway.value) outbox.wake();
  });
  const hide = () => {
    if (waits.peek() > 0) outbox.wake();
  };
  addEventListener('pagehide', hide);
  return () => {
    stop();
    removeEventListener('pagehide', hide);
  };
}

function effects(endings: (() => void)[], all: readonly (() => void)[]): void {
  for (const one of all) endings.push(effect(one));
}
