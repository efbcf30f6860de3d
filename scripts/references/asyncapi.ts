import { PROTOCOL_VERSION } from '../../src/contract/events.js';
import { SCOPES } from '../../src/contract/scopes.js';
import type { ContractTypes } from './contract-types.js';
import { exampleOf } from './input-schemas.js';
import { needed, SHAPES } from './json-schema.js';
import type { ClientEvent, ServerEvent } from './socket-events.js';

const ABOUT = [
  'Socket.IO events of Parley, a self-hosted realtime AI chat gateway, and the server-sent events of its answers.',
  'Socket.IO 4 (Engine.IO 4), default namespace, path `/socket.io/`, websocket and polling. The handshake has',
  `\`auth: {token, protocol?: ${PROTOCOL_VERSION}}\` with an access token or a key, or the access cookie with an allowed`,
  '`Origin`. Every client event takes one object and an acknowledgement; a negative one has a stable `code`. Receivers',
  'ignore keys that they do not know. The REST calls are in `/openapi.json`.',
].join(' ');

const SOCKET = '#/channels/socket';
const STREAM = '#/channels/answerStream';

/** Keys of AsyncAPI have no colon. */
const keyOf = (event: string): string => event.replace(':', '.');
const ackKey = (event: string): string => `${keyOf(event)}.ack`;

function ackOf({ ack, errors }: ClientEvent): object {
  const codes = { properties: { code: { enum: errors.map(({ code }) => code) } } };
  const negative = { allOf: [{ $ref: `${SHAPES}WireError` }, codes] };
  return {
    oneOf: [
      {
        type: 'object',
        required: ['ok', 'data'],
        properties: { ok: { const: true }, data: ack },
      },
      {
        type: 'object',
        required: ['ok', 'error'],
        properties: { ok: { const: false }, error: negative },
      },
    ],
  };
}

const messageOf = (name: string, summary: string, schema: object, topic: string) => ({
  name,
  title: name,
  summary,
  tags: [{ name: topic }],
  payload: schema,
});

function clientMessages(event: ClientEvent): [string, object][] {
  const { name, topic, summary } = event;
  const example = exampleOf(event.payload);
  const sent = {
    ...messageOf(name, summary, event.payload, topic),
    examples: [{ payload: example }],
  };
  const ack = messageOf(`${name} (ack)`, `The acknowledgement of ${name}`, ackOf(event), topic);
  return [
    [keyOf(name), sent],
    [ackKey(name), ack],
  ];
}

const ref = (channel: string, key: string) => ({ $ref: `${channel}/messages/${key}` });

function clientOperation(event: ClientEvent): object {
  const { name, topic, summary, text, permission, scopes, errors } = event;
  return {
    action: 'receive',
    channel: { $ref: SOCKET },
    title: name,
    summary,
    description: [text, ...errors.map(({ code, when }) => `\`${code}\`: ${when}.`)].join('\n\n'),
    tags: [{ name: topic }],
    messages: [ref(SOCKET, keyOf(name))],
    reply: { channel: { $ref: SOCKET }, messages: [ref(SOCKET, ackKey(name))] },
    'x-permission': permission,
    'x-scopes': scopes,
    'x-errors': errors.map(({ code }) => code),
  };
}

const serverOperation = (channel: string, { name, topic, text, readers }: ServerEvent): object => ({
  action: 'send',
  channel: { $ref: channel },
  title: name,
  summary: text,
  tags: [{ name: topic }],
  messages: [ref(channel, keyOf(name))],
  'x-readers': readers,
});

const serverMessage = ({ name, topic, text, payload: schema }: ServerEvent): [string, object] => [
  keyOf(name),
  messageOf(name, text, schema, topic),
];

const SERVERS = {
  socket: {
    host: '{host}',
    pathname: '/socket.io/',
    protocol: 'socket.io',
    protocolVersion: '5',
    description: 'The node that serves this document',
    variables: { host: { default: 'localhost:8000', description: 'Host and port of the node' } },
    security: [
      { $ref: '#/components/securitySchemes/accessToken' },
      { $ref: '#/components/securitySchemes/apiKey' },
      { $ref: '#/components/securitySchemes/cookie' },
    ],
  },
  http: {
    host: '{host}',
    protocol: 'http',
    description: 'The same node, for server-sent events',
    variables: { host: { default: 'localhost:8000', description: 'Host and port of the node' } },
  },
};

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a session, as `auth.token` of the handshake',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'pk_…',
    description: `A key, as \`auth.token\` of the handshake, within its scopes: ${SCOPES.join(', ')}`,
  },
  cookie: { type: 'httpApiKey', in: 'cookie', name: 'access_token' },
};

export interface Events {
  client: readonly ClientEvent[];
  server: readonly ServerEvent[];
  stream: readonly ServerEvent[];
}

/** AsyncAPI 3.0 of all events, as the server sees them: it receives those of clients. */
export function asyncApi(
  { client, server, stream }: Events,
  types: ContractTypes,
  version: string,
) {
  types.shape('contract/errors.ts', 'WireError');
  const socketMessages = Object.fromEntries([
    ...client.flatMap(clientMessages),
    ...server.map(serverMessage),
  ]);
  const streamMessages = Object.fromEntries(stream.map(serverMessage));
  const operations = Object.fromEntries([
    ...client.map((event) => [`receive.${keyOf(event.name)}`, clientOperation(event)]),
    ...server.map((event) => [`send.${keyOf(event.name)}`, serverOperation(SOCKET, event)]),
    ...stream.map((event) => [`stream.${event.name}`, serverOperation(STREAM, event)]),
  ]);
  const channels = {
    socket: {
      address: '/',
      title: 'The default namespace',
      servers: [{ $ref: '#/servers/socket' }],
      messages: socketMessages,
    },
    answerStream: {
      address: '/agent/messages/{id}/stream',
      title: 'An answer as server-sent events',
      servers: [{ $ref: '#/servers/http' }],
      parameters: { id: { description: 'The id of the answer' } },
      messages: streamMessages,
    },
  };
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley', version, description: ABOUT, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels,
    operations,
    components: { schemas: needed(channels, types.shapes), securitySchemes: SECURITY_SCHEMES },
  };
}

export type AsyncApi = ReturnType<typeof asyncApi>;
