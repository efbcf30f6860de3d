import {
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from '@preact/signals';
import {
  type ConnectionStatus,
  type ConversationList,
  type ConversationState,
  createClient,
  type ListState,
  type ParleyClient,
  type Pending,
  shareRefresh,
} from '../../client/index.js';
import type { Conversation, ModelInfo } from '../../contract/rest.js';
import { runningAnswer } from './answers/running-answer.js';
import { perFrame } from './device/frame.js';
import { type Keys, watchKeys } from './device/keys.js';
import { paced } from './device/pace.js';
import { watchDevice } from './device/watch-device.js';
import { createEdits, type Edits } from './edits.js';
import { createImports, type Imports } from './imports.js';
import { type BuildWatch, watchBuild } from './offline/build-watch.js';
import { copyOutbox } from './offline/copied-outbox.js';
import { createKept, type Kept } from './offline/kept.js';
import { type CopyNote, createOffline } from './offline/offline.js';
import { registerWorker } from './offline/service-worker.js';
import { createSearch, type Search } from './search.js';
import type { Unsent } from './unsent.js';
import type { Router } from './view/route.js';

/** State and actions of a logged-in page, as signals. */
export interface Chat {
  client: ParleyClient;
  unsent: Unsent;
  edits: Edits;
  connection: ReadonlySignal<ConnectionStatus>;
  list: ReadonlySignal<ListState>;
  pinned: ReadonlySignal<ListState>;
  archived: ReadonlySignal<ListState>;
  search: Search;
  pending: ReadonlySignal<readonly Pending[]>;
  imports: Imports;
  /** The copies of this browser. */
  kept: Kept;
  /** Whether the shown conversation is only a copy, or not there. */
  copyNote: ReadonlySignal<CopyNote>;
  build: BuildWatch;
  /** The conversation of the address; null on the page for a new one. */
  conversation: ReadonlySignal<ConversationState | null>;
  /** The same without its messages: it does not change while an answer grows. */
  opened: ReadonlySignal<Conversation | null>;
  /** Its running answer, or the next in line. */
  running: ReadonlySignal<number | null>;
  /** The default model. */
  model: ReadonlySignal<ModelInfo | null>;
  models: ReadonlySignal<readonly ModelInfo[]>;
  /** The model of the conversation that the next message begins; null: the default one. */
  chosen: Signal<string | null>;
  /** `interrupt`: stops the running answer, and asks next. */
  send(content: string, interrupt?: boolean): void;
  dispose(): void;
}

export interface ChatOptions {
  report: (error: unknown) => void;
  router: Router;
  unsent: Unsent;
  userId: number;
  /** The user is still logged in, as far as any tab knows. */
  isCurrent: () => boolean;
  language: () => string;
}

/** Conversations that stay open in the background, so that going back is instant. */
const KEPT_OPEN = 6;
/** Messages whose turns are shown at once: one that is answered, and those that wait for it. */
const NEWEST = 8;

export function createChat(options: ChatOptions): Chat {
  const { router, unsent, language, report } = options;
  const kept = createKept(options.userId, options.isCurrent);
  const outbox = copyOutbox(unsent.outbox, kept);
  const client = createClient({ autoConnect: false, outbox, language, tabs: shareRefresh() });
  const connection = signal(client.connection.status);
  const archived = followList(client.archived);
  const pending = signal(client.outbox.pending);
  // The list of results says so if there is no connection.
  const search = createSearch(client, (error) => {
    if (connection.peek().state === 'online') report(error);
  });
  const models = signal<readonly ModelInfo[]>([]);
  const chosen = signal<string | null>(null);
  const model = computed(() => models.value.find((item) => item.default) ?? null);
  const keys = watchKeys(document);
  const { conversation: live, dispose: unfollow } = followRoute(client, router, keys);
  const readModel = () => {
    if (models.value.length > 0) return;
    void client.rest
      .models()
      .then((read) => {
        models.value = read;
      })
      .catch(() => undefined);
  };
  client.connection.subscribe((status) => {
    connection.value = status;
    if (status.state !== 'online') return;
    readModel();
    search.again();
  });
  client.outbox.subscribe((items) => {
    pending.value = items;
  });
  client.outbox.onSent(({ entry, sent }) => {
    const isElsewhere = router.isAdmin.value || router.isSearch.value;
    const onNewPage = router.conversationId.value === null && !isElsewhere;
    if (entry.conversation_id !== undefined) return;
    keepModel(client, entry.model, sent.conversation.id);
    if (!onNewPage) return;
    client
      .open(sent.conversation.id)
      .seed(sent.conversation, [
        sent.user_message,
        ...(sent.assistant_message ? [sent.assistant_message] : []),
      ]);
    unsent.setDraft(sent.conversation.id, unsent.draft(null));
    unsent.setDraft(null, '');
    router.replace(sent.conversation.id);
  });
  const imports = createImports(client);
  const worker = registerWorker();
  const build = watchBuild(client, worker);
  client.connect();
  const unwatch = watchDevice(client);
  const lists = { list: followList(client.list), pinned: followList(client.pinned) };
  const onDeleted = (listener: (id: number) => void) => client.onDeleted(listener);
  const parts = {
    live: { ...lists, connection, pending, conversation: live, onDeleted },
    kept,
    outbox,
    worker,
  };
  const offline = createOffline(parts);
  const { conversation } = offline;
  return {
    client,
    unsent,
    edits: createEdits(),
    connection,
    list: offline.list,
    pinned: offline.pinned,
    kept,
    copyNote: offline.note,
    build,
    archived,
    search,
    pending,
    imports,
    conversation,
    opened: computed(() => conversation.value?.conversation ?? null),
    running: computed(() => runningAnswer(conversation.value)),
    model,
    models,
    chosen,
    send: (content, interrupt = false) => {
      const id = router.conversationId.value;
      const wish = chosen.value;
      const place = id === null ? (wish === null ? {} : { model: wish }) : { conversation_id: id };
      const draft = {
        content,
        ...place,
        ...below(conversation.value),
        ...(interrupt && { interrupt }),
      };
      void client.send(draft).catch(() => undefined);
    },
    dispose: () => {
      unwatch();
      offline.stop();
      build.stop();
      imports.dispose();
      unfollow();
      keys.dispose();
      client.disconnect();
    },
  };
}

/** Makes a question continue the branch that is looked at, also while its messages are still being read. */
const below = (state: ConversationState | null): { parent_id?: number } =>
  state === null || state.lookingAt === null ? {} : { parent_id: state.lookingAt };

/** A message that begins a conversation names the model of its answer only. */
function keepModel(client: ParleyClient, model: string | undefined, id: number): void {
  if (model !== undefined) void client.update(id, { model }).catch(() => undefined);
}

function followList(list: ConversationList): ReadonlySignal<ListState> {
  const state = signal(list.state);
  list.subscribe(
    perFrame((next) => {
      state.value = next;
    }),
  );
  return state;
}

function followRoute(client: ParleyClient, router: Router, keys: Keys) {
  const conversation = signal<ConversationState | null>(null);
  const recent: number[] = [];
  const show = (id: number) => {
    const store = client.open(id);
    conversation.value = store.state;
    keepRecent(client, recent, id);
    const take = (state: ConversationState) => {
      if (router.conversationId.value === state.id) conversation.value = state;
    };
    const updates = paced(store.state, { take, isUrgent: isMoreThanText, keys });
    const unsubscribe = store.subscribe(updates.put);
    return () => {
      unsubscribe();
      updates.stop();
    };
  };
  const dispose = effect(() => {
    const id = router.conversationId.value;
    if (id === null) {
      conversation.value = null;
      return;
    }
    return untracked(() => show(id));
  });
  return { conversation: conversation as ReadonlySignal<ConversationState | null>, dispose };
}

/** False: at most the texts of answers have grown. */
function isMoreThanText(next: ConversationState, shown: ConversationState): boolean {
  if (next.messages.length !== shown.messages.length) return true;
  const before = shown.messages.slice(-NEWEST);
  const hasTurned = next.messages
    .slice(-NEWEST)
    .some(({ id, status }, i) => id !== before[i]?.id || status !== before[i]?.status);
  const names = Object.keys(next) as (keyof ConversationState)[];
  const isOther = names.some((name) => name !== 'messages' && next[name] !== shown[name]);
  return hasTurned || isOther;
}

function keepRecent(client: ParleyClient, recent: number[], id: number): void {
  const index = recent.indexOf(id);
  if (index >= 0) recent.splice(index, 1);
  recent.push(id);
  while (recent.length > KEPT_OPEN) {
    const oldest = recent.shift();
    if (oldest !== undefined) client.close(oldest);
  }
}
