import type { ClientEventName } from './events.js';

/** What a key is for. `chat` is the default. */
export const SCOPES = ['chat', 'read', 'write'] as const;

/** A right of keys, besides the permissions of their user. */
export type Scope = (typeof SCOPES)[number];

/** Alternatives: a key needs all scopes of one of them. */
export type ScopeNeed = readonly (readonly Scope[])[];

/** No key may do it. */
const NEVER: ScopeNeed = [];
const EVERY_KEY: ScopeNeed = [[]];
const CHAT: ScopeNeed = [['chat']];
const READ: ScopeNeed = [['read']];
const WRITE: ScopeNeed = [['write']];
/** A key with `chat` alone reads only answers that it asked for. */
const ANSWERS: ScopeNeed = [['chat'], ['read']];
/** A change that returns messages. */
const WRITE_AND_READ: ScopeNeed = [['read', 'write']];

/** What a key needs for each client event. A missing entry does not compile. */
export const EVENT_SCOPES: Readonly<Record<ClientEventName, ScopeNeed>> = {
  'session:renew': NEVER,
  'conversation:open': READ,
  'conversation:close': EVERY_KEY,
  'conversation:create': WRITE,
  'conversation:update': WRITE,
  'conversation:delete': WRITE,
  'conversation:restore': WRITE,
  'conversation:list': READ,
  'conversation:search': READ,
  'read:set': WRITE,
  'message:send': CHAT,
  'message:edit': CHAT,
  'message:regenerate': CHAT,
  'message:continue': CHAT,
  'message:select': WRITE_AND_READ,
  'message:delete': WRITE,
  'generation:stop': CHAT,
  'generation:resume': ANSWERS,
};

/** The same for REST. Keys are refused by every call that is not listed. */
export const CALL_SCOPES = {
  'POST /agent/chat': CHAT,
  'GET /agent/models': EVERY_KEY,
  'GET /agent/search': READ,
  'GET /agent/conversations': READ,
  'POST /agent/conversations': WRITE,
  'GET /agent/conversations/:id': READ,
  'PATCH /agent/conversations/:id': WRITE,
  'DELETE /agent/conversations/:id': WRITE,
  'POST /agent/conversations/:id/restore': WRITE,
  'GET /agent/conversations/:id/messages': READ,
  'GET /agent/conversations/:id/export': READ,
  'POST /agent/imports': WRITE,
  'GET /agent/imports/:id': [['read'], ['write']],
  'POST /agent/messages': CHAT,
  'GET /agent/messages/:id': ANSWERS,
  'GET /agent/messages/:id/stream': ANSWERS,
  'POST /agent/messages/:id/stop': CHAT,
  'POST /agent/messages/:id/edit': CHAT,
  'POST /agent/messages/:id/regenerate': CHAT,
  'POST /agent/messages/:id/continue': CHAT,
  'POST /agent/messages/:id/select': WRITE_AND_READ,
  'DELETE /agent/messages/:id': WRITE,
} as const satisfies Readonly<Record<string, ScopeNeed>>;

/** The same for the calls that programs know as OpenAI's API. */
export const PROGRAM_SCOPES = {
  'POST /v1/chat/completions': CHAT,
  'GET /v1/models': EVERY_KEY,
  'GET /v1/models/:id': EVERY_KEY,
} as const satisfies Readonly<Record<string, ScopeNeed>>;
