import { effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import { type ComponentType, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { createRest } from '../../client/rest/rest.js';
import type { Formatting } from '../markdown/formatting.js';
import type { LoadPart } from '../markdown/load-part.js';
import { type Admission, createAdmission } from './admission.js';
import type { Chat, ChatOptions, createChat } from './chat.js';
import { createPartLoader } from './device/page-parts.js';
import { createPreferences, type Languages, type Preferences } from './device/preferences.js';
import { createStorage, type Storage } from './device/storage.js';
import { removeLeftCopies } from './offline/left-copies.js';
import { createSession, readUser, type Session } from './session.js';
import { createUnsent } from './unsent.js';
import { explainIn, type Said } from './view/explain.js';
import { createNotices, type Notice, type NoticeAction } from './view/notices.js';
import { createPositions, type Positions } from './view/positions.js';
import { createRouter, type Router } from './view/route.js';
import { createScreen, type Screen } from './view/screen.js';

/** The parts that only logged-in people need. */
export interface ChatPart {
  createChat: typeof createChat;
  ChatPage: ComponentType;
}

/** The values with which the page starts. */
export interface Boot {
  languages: Languages;
  loadChat(): Promise<ChatPart>;
}

/** Everything that components share. */
export interface App {
  preferences: Preferences;
  session: Session;
  router: Router;
  admission: Admission;
  /** This browser has just made the first account. */
  founded: Signal<boolean>;
  /** Null until it has been loaded. Texts are plain until then. */
  formatting: ReadonlySignal<Formatting | null>;
  /** Loads code that is needed only now. If an update has removed it, the page is loaded again. */
  loadPart: LoadPart;
  /** Null until somebody logs in, or is about to. */
  chatPart: ReadonlySignal<ChatPart | null>;
  /** The chat could not be loaded. */
  chatFailed: ReadonlySignal<boolean>;
  /** Loads the chat for somebody who is about to log in. */
  expectChat(): void;
  /** Null while nobody is logged in, and until its code is there. */
  chat: ReadonlySignal<Chat | null>;
  screen: Screen;
  positions: Positions;
  notices: ReadonlySignal<readonly Notice[]>;
  /** Shows a message for some time, longer if it has an action. */
  notify(say: Said, action?: NoticeAction): void;
  dismiss(noticeId: number): void;
  /** Runs the action of the newest notice that has one. */
  undo(): void;
  /** Shows for some time why something failed. */
  report(error: unknown): void;
  /** The text for an error, in the person's language. */
  explain(error: unknown): string;
  logOut(): Promise<void>;
  deleteAccount(): Promise<void>;
}

const REST_TIMEOUT_MS = 15_000;
/** In this time the reader can see why the page is loaded again. */
const RELOAD_MS = 1_500;

export function createApp({ languages, loadChat }: Boot): App {
  const storage = createStorage(() => localStorage);
  const preferences = createPreferences(storage, {
    ...languages,
    load: (wanted) => loadPart(() => languages.load(wanted)),
  });
  const language = () => preferences.language.value;
  const rest = createRest({ url: '', token: () => null, language, timeoutMs: REST_TIMEOUT_MS });
  const session = createSession(rest, storage);
  if (session.user.peek() === null) removeLeftCopies();
  const router = createRouter();
  const { notices, notify, dismiss, undo } = createNotices(preferences.texts);
  const explain = (error: unknown) => explainIn(preferences.texts.value, error);
  const report = (error: unknown) => notify((texts) => explainIn(texts, error));
  const loadPart = createPartLoader({
    storage: createStorage(() => sessionStorage),
    outdated: () => loadAgain(notify, chat.peek()),
  });
  const { chatPart, chatFailed, expectChat } = createChatLoader(() => loadPart(loadChat));
  effect(() => {
    if (session.user.value !== null) expectChat();
  });
  const chat = followUser(session, chatPart, storage, { router, language, report });
  /** Removes everything of the user. The socket may report the end of the session before REST has responded. */
  const leave = async (before: () => Promise<unknown>) => {
    const { unsent, kept } = chat.value ?? {};
    const stop = effect(() => {
      if (session.user.value === null) unsent?.forget();
    });
    await before()
      .then(() => session.logOut())
      .catch((error: unknown) => {
        // The server cannot end the session now. The copies must go in any case, and must not be made again before a
        // reload.
        void kept?.forget();
        throw error;
      })
      .finally(stop);
    router.replace(null);
  };
  return {
    preferences,
    session,
    router,
    admission: createAdmission(rest, router),
    founded: signal(false),
    formatting: loadFormatting(chat, loadPart),
    loadPart,
    chatPart,
    chatFailed,
    expectChat,
    chat,
    screen: createScreen(),
    positions: createPositions(),
    notices,
    notify,
    dismiss,
    undo,
    explain,
    report,
    logOut: () => leave(() => Promise.resolve()),
    deleteAccount: () => leave(() => endAccount(chat.value)),
  };
}

/** Disconnects first, so that the end of the session does not arrive by socket. */
async function endAccount(chat: Chat | null): Promise<void> {
  if (chat === null) return;
  const { client } = chat;
  client.disconnect();
  await client.rest.deleteAccount().catch((error: unknown) => {
    client.connect();
    throw error;
  });
}

/** The new text of a message is not kept over a reload; drafts are. */
function loadAgain(notify: App['notify'], chat: Chat | null): boolean {
  const run = () => location.reload();
  const isEdited = chat !== null && !chat.edits.isEmpty();
  if (isEdited || document.querySelector('.message-editor, dialog[open]') !== null) {
    notify(({ update }) => update.updated, { label: ({ update }) => update.reload, run });
    return false;
  }
  notify(({ update }) => update.reloading);
  setTimeout(run, RELOAD_MS);
  return true;
}

function createChatLoader(load: () => Promise<ChatPart>) {
  const chatPart = signal<ChatPart | null>(null);
  const chatFailed = signal(false);
  let asked = false;
  const expectChat = () => {
    if (asked) return;
    asked = true;
    chatFailed.value = false;
    load().then(
      (part) => {
        chatPart.value = part;
      },
      () => {
        asked = false;
        chatFailed.value = true;
      },
    );
  };
  return { chatPart, chatFailed, expectChat };
}

/**
 * Loads the formatting after the first chat, which shows the message box; a failed attempt is repeated with the next.
 */
function loadFormatting(
  chat: ReadonlySignal<Chat | null>,
  loadPart: LoadPart,
): ReadonlySignal<Formatting | null> {
  const formatting = signal<Formatting | null>(null);
  effect(() => {
    if (chat.value === null || formatting.peek() !== null) return;
    void loadPart(() => import('../markdown/formatting.js'))
      .then(({ createFormatting }) => {
        formatting.value = createFormatting(loadPart);
      })
      .catch(reportError);
  });
  return formatting;
}

function followUser(
  session: Session,
  part: ReadonlySignal<ChatPart | null>,
  storage: Storage,
  options: Omit<ChatOptions, 'unsent' | 'userId' | 'isCurrent'>,
) {
  const chat = signal<Chat | null>(null);
  effect(() => {
    const user = session.user.value;
    const code = part.value;
    if (user === null || code === null) return;
    const isCurrent = () => readUser(storage)?.id === user.id;
    const own = { userId: user.id, isCurrent, unsent: createUnsent(storage, user.id) };
    const next = untracked(() => code.createChat({ ...options, ...own }));
    chat.value = next;
    const unsubscribe = next.client.connection.subscribe(({ state, code }) => {
      // A server that does not understand this page any more says nothing about the session.
      if (state === 'ended' && code !== 'validation_failed')
        session.ended(code ?? 'unauthenticated');
    });
    return () => {
      unsubscribe();
      next.dispose();
      if (!isCurrent()) void next.kept.forget();
      chat.value = null;
    };
  });
  return chat;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('AppContext is missing');
  return app;
}

/** Serves parts that are only shown to logged-in users. */
export function useChat(): Chat {
  const chat = useApp().chat.value;
  if (chat === null) throw new Error('Nobody is logged in');
  return chat;
}
