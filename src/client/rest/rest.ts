import type {
  LoginBody,
  PasswordBody,
  RegisterBody,
  Session,
  TokenResponse,
  User,
} from '../../contract/accounts.js';
import type { ExportFormat } from '../../contract/export.js';
import type { ImportReport, ImportStarted } from '../../contract/imports.js';
import type { InvitationPreview, RegistrationInfo } from '../../contract/invitations.js';
import type { ApiKey, KeyBody, NewApiKey } from '../../contract/keys.js';
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
} from '../../contract/rest.js';
import type { SearchPage, SearchQuery } from '../../contract/search.js';
import type { UsageReport } from '../../contract/usage.js';
import type { NewWebhook, Webhook, WebhookBody } from '../../contract/webhooks.js';
import { type RestCall, type RestOptions, request, search } from './request.js';

/** Every call rejects with a `ParleyError`: the server's own, or `unavailable` if it cannot be reached. */
export interface Rest {
  /** Tells who may register. Needs no session. */
  registration(): Promise<RegistrationInfo>;
  /**
   * The terms of an invitation, by the token in its link.
   * @throws ParleyError `forbidden`, with the reason as its message
   */
  invitation(token: string): Promise<InvitationPreview>;
  /**
   * Creates an account and logs in. The first account of all becomes administrator.
   * @throws ParleyError `email_taken`, `username_taken`, `validation_failed`, `forbidden` with the reason as its message
   */
  register(body: RegisterBody): Promise<TokenResponse>;
  /** Logs in. @throws ParleyError `invalid_credentials`, `account_disabled`, `rate_limited` */
  login(body: LoginBody): Promise<TokenResponse>;
  /** Browsers pass no token: they send the cookie by themselves. */
  refresh(refreshToken?: string): Promise<TokenResponse>;
  /** Ends the session of the refresh token. */
  logout(refreshToken?: string): Promise<Acknowledgement>;
  /** The logged-in user. */
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
  /** Ends a key at once, on every node. @throws ParleyError `not_found` */
  revokeKey(id: string): Promise<Acknowledgement>;
  /** The user's webhooks, newest first. */
  webhooks(): Promise<Webhook[]>;
  /**
   * An address that is told how the user's answers ended. The secret is shown only in this reply.
   * @throws ParleyError `conflict` if there are too many, `validation_failed` for an address inside the network
   * @example
   * const { secret } = await rest.createWebhook({ url: 'https://example.com/parley', events: ['answer.completed'] });
   */
  createWebhook(body: WebhookBody): Promise<NewWebhook>;
  /** Ends a webhook: nothing more is sent to it. @throws ParleyError `not_found` */
  deleteWebhook(id: string): Promise<Acknowledgement>;
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
   * Conversations from Parley, ChatGPT (zip or JSON), LibreChat or Open WebUI. Resolves when the file has arrived; how
   * it goes on comes with `ParleyClient.onImport`, and from `importReport`. Importing a file twice adds nothing.
   */
  importFile(file: Blob, options?: { signal?: AbortSignal }): Promise<ImportStarted>;
  importReport(id: number): Promise<ImportReport>;
}

/**
 * REST calls without a socket, for servers and scripts.
 * @example
 * const rest = createRest({ url: 'https://chat.example.org', token: () => key, timeoutMs: 10_000 });
 * const { assistant_message } = await rest.send({ client_id: crypto.randomUUID(), content: 'What is a lease?' });
 * const { status, content } = await rest.message(assistant_message.id); // empty until it has ended: see `streamAnswer`
 */
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
    webhooks: () => call('/users/me/webhooks'),
    createWebhook: (body) => post('/users/me/webhooks', body),
    deleteWebhook: (id) => remove(`/users/me/webhooks/${encodeURIComponent(id)}`),
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
      call(`/agent/conversations/${id}/export?format=${format}`, {
        read: (response) => response.blob(),
        isDownload: true,
        signal,
      }),
    importFile: (file, { signal } = {}) =>
      call('/agent/imports', { method: 'POST', upload: { file }, signal }),
    importReport: (id) => call(`/agent/imports/${id}`),
  };
}
