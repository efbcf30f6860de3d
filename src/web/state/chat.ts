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
} from '../../client/index.js';
import type { Conversation, ModelInfo } from '../../contract/rest.js';
import { perFrame } from './frame.js';
import { createImports, type Imports } from './imports.js';
import type { Router } from './route.js';
import { createSearch, type Search } from './search.js';
import type { Unsent } from './unsent.js';
import { watchDevice } from './watch-device.js';

/** State and actions of a signed-in page, as signals. */
export interface Chat {
  client: ParleyClient;
  unsent: Unsent;
  connection: ReadonlySignal<ConnectionStatus>;
  list: ReadonlySignal<ListState>;
  pinned: ReadonlySignal<ListState>;
  archived: ReadonlySignal<ListState>;
  search: Search;
  pending: ReadonlySignal<readonly Pending[]>;
  imports: Imports;
  /** The conversation of the address; null on the page for a new one. */
  conversation: ReadonlySignal<ConversationState | null>;
  /** The same without its messages: it does not change while an answer grows. */
  opened: ReadonlySignal<Conversation | null>;
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
  language: () => string;
}

/** Conversations that stay open in the background, so that going back is instant. */
const KEPT_OPEN = 6;

export function createChat({ router, unsent, language, report }: ChatOptions): Chat {
  const client = createClient({ autoConnect: false, outbox: unsent.outbox, language });
  const connection = signal(client.connection.status);
  const list = followList(client.list);
  const pinned = followList(client.pinned);
  const archived = followList(client.archived);
  const pending = signal(client.outbox.pending);
  const models = signal<readonly ModelInfo[]>([]);
  const chosen = signal<string | null>(null);
  const model = computed(() => models.value.find((item) => item.default) ?? null);
  const { conversation, dispose: unfollow } = followRoute(client, router);
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
    if (status.state === 'online') readModel();
  });
  client.outbox.subscribe((items) => {
    pending.value = items;
  });
  client.outbox.onSent(({ entry, sent }) => {
    const onNewPage = router.conversationId.value === null;
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
  const unwatch = watchDevice(client);
  const imports = createImports(client);
  client.connect();
  return {
    client,
    unsent,
    connection,
    list,
    pinned,
    archived,
    search: createSearch(client, report),
    pending,
    imports,
    conversation,
    opened: computed(() => conversation.value?.conversation ?? null),
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
      imports.dispose();
      unfollow();
      client.disconnect();
    },
  };
}

/** Where another branch is looked at, a question continues it, also while its messages are still being read. */
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

function followRoute(client: ParleyClient, router: Router) {
  const conversation = signal<ConversationState | null>(null);
  const recent: number[] = [];
  const show = (id: number) => {
    const store = client.open(id);
    conversation.value = store.state;
    keepRecent(client, recent, id);
    const take = perFrame((state: ConversationState) => {
      if (router.conversationId.value === state.id) conversation.value = state;
    });
    return store.subscribe(take);
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

function keepRecent(client: ParleyClient, recent: number[], id: number): void {
  const index = recent.indexOf(id);
  if (index >= 0) recent.splice(index, 1);
  recent.push(id);
  while (recent.length > KEPT_OPEN) {
    const oldest = recent.shift();
    if (oldest !== undefined) client.close(oldest);
  }
}
