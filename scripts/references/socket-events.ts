import { EVENT_PERMISSIONS, type Permission } from '../../src/contract/permissions.js';
import { EVENT_SCOPES, type ScopeNeed } from '../../src/contract/scopes.js';
import { eventSchemas } from '../../src/validation/schemas.js';
import type { ContractTypes, Member } from './contract-types.js';
import { eventErrors, type Refusal } from './error-codes.js';
import { described, inputSchema } from './input-schemas.js';
import type { Schema } from './json-schema.js';
import { agree } from './rest-calls.js';
import { topicOfEvent } from './topics.js';

/** An event that clients send. */
export interface ClientEvent {
  name: string;
  topic: string;
  summary: string;
  text: string;
  payload: Schema;
  ack: Schema;
  errors: Refusal[];
  permission: Permission | null;
  scopes: ScopeNeed;
}

/** The receivers of an event of the server. */
const READERS = {
  RoomEvents: 'Everybody who has the conversation open, in one order',
  MemberEvents: 'All devices of the conversation’s members',
  UserEvents: 'All devices of the user',
  SocketEvents: 'The socket',
} as const;

/** An event that the server sends. */
export interface ServerEvent {
  name: string;
  topic: string;
  text: string;
  payload: Schema;
  readers: string;
}

const FILE = 'contract/events.ts';
const SERVER_FILE = 'contract/server-events.ts';

function clientEvent(types: ContractTypes, member: Member): ClientEvent {
  const name = member.name as keyof typeof eventSchemas;
  const parts = Object.fromEntries(types.membersOf(member.type).map((part) => [part.name, part]));
  if (!parts.payload || !parts.data) throw new Error(`${name} has no payload or no data`);
  const fields = types.membersOf(parts.payload.type).map((field) => [field.name, field.text]);
  const payload = described(inputSchema(eventSchemas[name]), Object.fromEntries(fields));
  const keys = Object.keys(payload.properties ?? {});
  agree(name, keys, Object.fromEntries(fields));
  const hasId = keys.some((key) => key.endsWith('_id') && key !== 'client_id');
  return {
    name,
    topic: topicOfEvent(name),
    summary: member.text.replace(/[.:](?= |$).*/, ''),
    text: member.text,
    payload,
    ack: types.schemaOf(parts.data.type),
    errors: eventErrors(hasId, member.tags.throws),
    permission: EVENT_PERMISSIONS[name],
    scopes: EVENT_SCOPES[name],
  };
}

export const clientEvents = (types: ContractTypes): ClientEvent[] =>
  types.members(FILE, 'ClientEvents').map((member) => clientEvent(types, member));

/** Reserved events are not sent yet. */
export const serverEvents = (types: ContractTypes): ServerEvent[] =>
  Object.entries(READERS).flatMap(([group, readers]) =>
    types
      .members(SERVER_FILE, group)
      .filter(({ text }) => !text.startsWith('Reserved'))
      .map(({ name, text, type }) => ({
        name,
        topic: topicOfEvent(name),
        text,
        payload: types.schemaOf(type),
        readers,
      })),
  );

/** The server-sent events of an answer. */
export const streamEvents = (types: ContractTypes): ServerEvent[] =>
  types.members('contract/stream.ts', 'AnswerStreamEvents').map(({ name, text, type }) => ({
    name,
    topic: 'Messages',
    text,
    payload: types.schemaOf(type),
    readers: 'The caller of the stream',
  }));
