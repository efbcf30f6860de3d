import type {
  LoginBody,
  PasswordBody,
  RegisterBody,
  Session,
  TokenResponse,
  User,
} from '../contract/accounts.js';
import type { Problem } from '../contract/errors.js';
import type { ExportFormat } from '../contract/export.js';
import type { ImportReport, ImportStarted } from '../contract/imports.js';
import type { InvitationPreview, RegistrationInfo } from '../contract/invitations.js';
import type { ApiKey, KeyBody, NewApiKey } from '../contract/keys.js';
import type {
  Acknowledgement,
  AnswerAgain,
  ContinueBody,
  Conversation,
  EditBody,
  Message,
  MessagePageQuery,
  ModelInfo,
  RegenerateBody,
  SelectedBranch,
  SendBody,
  StopResult,
  StoredQuestion,
} from '../contract/rest.js';
import type { SearchPage, SearchQuery } from '../contract/search.js';
import type { UsageReport } from '../contract/usage.js';
import { fromProblem, ParleyError, unreachable } from './parley-error.js';

/** Options of `createRest`. */
export interface RestOptions {
  /** Origin of the server; empty in a page that it served itself. */
  url: string;
  /** The current access token; null: the browser's cookies. */
  token(): string | null;
  /** BCP 47 language of error texts. */
  language?(): string;
  /** Longest wait for a response, in ms. */
  timeoutMs: number;
  /** Gets credentials newer than that moment. A call whose token had expired is then repeated. */
  renew?(thanMs: number): Promise<void>;
}

export interface RestCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  upload?: { file: Blob };
  /** JSON unless said. */
  as?: 'blob' | 'page';
  /** Ends the call early. A file takes its time, so nothing else ends it while it is sent or read. */
  signal?: AbortSignal | undefined;
}

/** Every call rejects with a `ParleyError`: the server's own, or `unavailable` if it cannot be reached. */
export interface Rest {
  /** Who may register. Needs no session. */
  registration(): Promise<RegistrationInfo>;
  /** What an invitation is for, by the token in its link. @throws ParleyError `forbidden`, with the reason as its message */
  invitation(token: string): Promise<InvitationPreview>;
  /**
   * Creates an account and signs in. The first account of all becomes administrator.
   * @throws ParleyError `email_taken`, `username_taken`, `validation_failed`, `forbidden` with the reason as its message
   */
  register(body: RegisterBody): Promise<TokenResponse>;
  /** Signs in. @throws ParleyError `invalid_credentials`, `account_disabled`, `rate_limited` */
  login(body: LoginBody): Promise<TokenResponse>;
  /** Browsers pass no token: they send the cookie by themselves. */
  refresh(refreshToken?: string): Promise<TokenResponse>;
  /** Ends the session of the refresh token. */
  logout(refreshToken?: string): Promise<Acknowledgement>;
  /** The signed-in user. */
  me(): Promise<User>;
  /** Ends the other sessions; this one stays. */
  changePassword(body: PasswordBody): Promise<Acknowledgement>;
  /** Permanently deletes the account, its conversations and its sessions. */
  deleteAccount(): Promise<Acknowledgement>;
  /** The user's sessions, most recently used first. */
  sessions(): Promise<Session[]>;
  /** Ends one of the user's sessions. @throws ParleyError `not_found` */
  revokeSession(id: string): Promise<Acknowledgement>;
  /** Ends all sessions except this one. */
  revokeOtherSessions(): Promise<Acknowledgement>;
  /** The user's keys, newest first. */
  keys(): Promise<ApiKey[]>;
  /**
   * A key with which a program acts for the user. It is shown only in this reply.
   * @throws ParleyError `conflict` if there are too many
   * @example
   * const { key } = await rest.createKey({ name: 'nightly report', scopes: ['chat'] });
   */
  createKey(body: KeyBody): Promise<NewApiKey>;
  /** The key is dead at once, on every node. @throws ParleyError `not_found` */
  revokeKey(id: string): Promise<Acknowledgement>;
  /**
   * Tokens used and reserved in this day and month, the limits of the user's roles, and the usage by model and day.
   * @example
   * const { day } = await rest.usage();
   * const left = day.limit === null ? Infinity : day.limit - day.tokens - day.reserved;
   */
  usage(): Promise<UsageReport>;
  /** The available models. Exactly one is the default. */
  models(): Promise<ModelInfo[]>;
  /** A conversation of the user. @throws ParleyError `not_found`, also for conversations of others */
  conversation(id: number): Promise<Conversation>;
  /** Messages and titles that have all words. */
  search(query: SearchQuery): Promise<SearchPage>;
  /** Undoes a deletion, for five minutes after it. */
  restore(id: number): Promise<{ conversation: Conversation }>;
  /** Oldest first: the last page, or the page before a message id. */
  messages(conversationId: number, query?: MessagePageQuery): Promise<Message[]>;
  /**
   * Asks without waiting for the answer, which `message` reads. `client_id` makes a repetition safe.
   * @example
   * const { assistant_message } = await rest.send({ client_id: crypto.randomUUID(), content: 'Hello' });
   */
  send(body: SendBody): Promise<StoredQuestion>;
  /** A message; the text of an answer is there when it has ended. @throws ParleyError `not_found` */
  message(id: number): Promise<Message>;
  /** Ends an answer early, and keeps its text so far. */
  stop(messageId: number): Promise<StopResult>;
  /**
   * The five calls below are those of `Asks`, once each: `client_id` makes a repetition safe.
   * @example
   * await rest.edit(question.id, { client_id: crypto.randomUUID(), content: 'Another text' });
   */
  edit(messageId: number, body: EditBody): Promise<StoredQuestion>;
  regenerate(messageId: number, body: RegenerateBody): Promise<AnswerAgain>;
  continue(messageId: number, body: ContinueBody): Promise<Pick<AnswerAgain, 'assistant_message'>>;
  select(messageId: number): Promise<SelectedBranch>;
  deleteMessage(messageId: number): Promise<{ message_ids: number[] }>;
  /** `markdown`: the active branch, to read. `json`: all branches, which `importFile` takes again. */
  exportConversation(
    conversationId: number,
    format: ExportFormat,
    options?: { signal?: AbortSignal },
  ): Promise<Blob>;
  /**
   * Conversations from Parley, ChatGPT (zip or JSON), LibreChat or Open WebUI. Resolves when the file has arrived; how it
   * goes on comes with `ParleyClient.onImport`, and from `importReport`. Importing a file twice adds nothing.
   */
  importFile(file: Blob, options?: { signal?: AbortSignal }): Promise<ImportStarted>;
  importReport(id: number): Promise<ImportReport>;
}

/** REST calls without a socket, for servers and scripts. */
export function createRest(options: RestOptions): Rest {
  const call = <T>(path: string, init: RestCall = {}) => request<T>(options, path, init);
  const post = <T>(path: string, body: object = {}) => call<T>(path, { method: 'POST', body });
  const remove = <T>(path: string) => call<T>(path, { method: 'DELETE' });
  const withToken = (token?: string) => (token === undefined ? {} : { refresh_token: token });
  return {
    registration: () => call('/auth/registration'),
    invitation: (invitation) => post('/auth/invitation', { invitation }),
    register: (body) => post('/auth/register', body),
    login: (body) => post('/auth/login', body),
    refresh: (token) => post('/auth/refresh', withToken(token)),
    logout: (token) => post('/auth/logout', withToken(token)),
    me: () => call('/users/me'),
    changePassword: (body) => post('/users/me/password', body),
    deleteAccount: () => remove('/users/me'),
    sessions: () => call('/users/me/sessions'),
    revokeSession: (id) => remove(`/users/me/sessions/${encodeURIComponent(id)}`),
    revokeOtherSessions: () => remove('/users/me/sessions'),
    keys: () => call('/users/me/keys'),
    createKey: (body) => post('/users/me/keys', body),
    revokeKey: (id) => remove(`/users/me/keys/${encodeURIComponent(id)}`),
    usage: () => call('/users/me/usage'),
    models: () => call('/agent/models'),
    conversation: (id) => call(`/agent/conversations/${id}`),
    search: (query) => call(`/agent/search${search(query)}`),
    restore: (id) => post(`/agent/conversations/${id}/restore`),
    messages: (id, query = {}) => call(`/agent/conversations/${id}/messages${search(query)}`),
    send: (body) => post('/agent/messages', body),
    message: (id) => call(`/agent/messages/${id}`),
    stop: (id) => post(`/agent/messages/${id}/stop`),
    edit: (id, body) => post(`/agent/messages/${id}/edit`, body),
    regenerate: (id, body) => post(`/agent/messages/${id}/regenerate`, body),
    continue: (id, body) => post(`/agent/messages/${id}/continue`, body),
    select: (id) => post(`/agent/messages/${id}/select`),
    deleteMessage: (id) => remove(`/agent/messages/${id}`),
    exportConversation: (id, format, { signal } = {}) =>
      call(`/agent/conversations/${id}/export?format=${format}`, { as: 'blob', signal }),
    importFile: (file, { signal } = {}) =>
      call('/agent/imports', { method: 'POST', upload: { file }, signal }),
    importReport: (id) => call(`/agent/imports/${id}`),
  };
}

/** One call, repeated with newer credentials if its token had expired. */
export async function request<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const { renew } = options;
  if (renew === undefined || path.startsWith('/auth/')) return ask<T>(options, path, init);
  const began = Date.now();
  return ask<T>(options, path, init).catch(async (error: unknown) => {
    if (!(error instanceof ParleyError) || error.code !== 'token_expired') throw error;
    await renew(began);
    return ask<T>(options, path, init);
  });
}

async function ask<T>(options: RestOptions, path: string, init: RestCall): Promise<T> {
  const limit = new TimeLimit(init.upload ? null : options.timeoutMs, init.signal);
  try {
    const response = await reached(
      fetch(`${options.url}${path}`, {
        method: init.method ?? 'GET',
        headers: headers(options, init),
        credentials: options.token() === null ? 'include' : 'omit',
        signal: limit.signal,
        ...bodyOf(init),
      }),
    );
    if (!response.ok) throw refusal(response, await response.json().catch(() => null));
    return (await contentOf(response, init, limit)) as T;
  } finally {
    limit.end();
  }
}

function contentOf(response: Response, { as }: RestCall, limit: TimeLimit): Promise<unknown> {
  if (as === 'blob') {
    limit.lift();
    return reached(response.blob());
  }
  const body: Promise<unknown> = reached(response.json());
  return as === 'page' ? body.then((entries) => toPage(response, entries)) : body;
}

/** A page of a list: `next_cursor` is null at its end. */
export interface RestPage<T> {
  entries: T[];
  next_cursor: string | null;
}

/** The cursor stands in the `Link` header. */
function toPage(response: Response, entries: unknown): RestPage<unknown> {
  const [, query] = /<[^>]*\?([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
  const next_cursor = new URLSearchParams(query ?? '').get('cursor');
  return { entries: entries as unknown[], next_cursor };
}

/** A response that breaks off counts as a server that cannot be reached. */
const reached = <T>(content: Promise<T>): Promise<T> =>
  content.catch((error: unknown) => {
    throw unreachable(error);
  });

function bodyOf({ body, upload }: RestCall): { body?: string | FormData } {
  if (upload === undefined) return body === undefined ? {} : { body: JSON.stringify(body) };
  const form = new FormData();
  form.append('file', upload.file);
  return { body: form };
}

/** Ends a call after `ms` (null: never), or with `outer`. React Native lacks `AbortSignal.timeout` and `any`. */
class TimeLimit {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort();

  constructor(ms: number | null, outer?: AbortSignal) {
    this.#outer = outer;
    if (ms !== null) this.#timer = setTimeout(this.#abort, ms);
    const timer: unknown = this.#timer;
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref();
    if (outer?.aborted) this.#abort();
    outer?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on only `outer` ends the call. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** The call is over. `outer` may live much longer. */
  end(): void {
    this.lift();
    this.#outer?.removeEventListener('abort', this.#abort);
  }
}

function headers(options: RestOptions, init: RestCall): Record<string, string> {
  const token = options.token();
  const language = options.language?.();
  return {
    Accept: 'application/json',
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(language === undefined ? {} : { 'Accept-Language': language }),
    ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
}

/** A proxy's response has no problem body. It counts as a server that is away. */
function refusal(response: Response, body: unknown): ParleyError {
  if (isProblem(body)) return fromProblem(body);
  return unreachable(new Error(`HTTP ${response.status}`));
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;

export function search(query: object): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
