import { once } from 'node:events';
import { request } from 'node:http';
import asyncapiSchemas from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv, type AnySchema } from 'ajv';
import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { restRoutes } from '../../../lab/people/routes.js';
import { ERRORS } from '../../../src/contract/errors.js';
import type { ClientEventName } from '../../../src/contract/events.js';
import { EVENT_PERMISSIONS } from '../../../src/contract/permissions.js';
import { EVENT_SCOPES } from '../../../src/contract/scopes.js';
import { WEBHOOK_EVENTS } from '../../../src/contract/webhooks.js';
import { IDEMPOTENCY_KEY } from '../../../src/http/routes/v1-durable.js';
import { eventSchemas } from '../../../src/validation/schemas.js';
import { codes, readText, rows, section } from '../../support/markdown.js';

type Json = Record<string, unknown>;

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required: boolean }[];
  security: Record<string, string[]>[];
  responses: Record<string, { description: string; content: Record<string, Json> }>;
  'x-permission'?: string;
}

interface OpenApi {
  openapi: string;
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, object>;
  components: { schemas: Record<string, { properties?: object }> };
}

/** The shapes of docs/protocol.md, and their names in the contract. */
const SHAPES = {
  user: 'User',
  session: 'Session',
  key: 'ApiKey',
  conversation: 'Conversation',
  message: 'Message',
  usage: 'Usage',
  model: 'ModelInfo',
  role: 'Role',
  invitation: 'Invitation',
  webhook: 'Webhook',
  'audit entry': 'AuditEntry',
};

interface AsyncOperation {
  action: string;
  channel: { $ref: string };
  title: string;
  messages: { $ref: string }[];
  reply?: { messages: { $ref: string }[] };
  'x-permission'?: string | null;
  'x-scopes'?: string[][];
  'x-errors'?: string[];
}

interface AsyncApi {
  asyncapi: string;
  operations: Record<string, AsyncOperation>;
}

describe('/openapi.json', () => {
  let app: TestApp;
  let document: OpenApi;

  before(async () => {
    app = await startApp();
    document = (await app.call<OpenApi>('/openapi.json')).body;
  });
  after(() => app.stop());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
        return { name, path, operation };
      }),
    );

  it('is OpenAPI 3.1 by its own rules', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...structuredClone(document) });
    expect(errors).to.equal(undefined);
    expect([valid, validator.version]).to.deep.equal([true, '3.1']);
    expect(document.servers).to.have.length(1);
    expect(document.servers[0]?.url).to.equal('/');
  });

  it('tells every route of the server, and no other', () => {
    const served = restRoutes().map(({ method, path }) => `${method} ${path}`);
    expect(operations().map(({ name }) => name)).to.have.members(served);
  });

  it('tells of each call who may make it', () => {
    const routes = new Map(restRoutes().map((route) => [`${route.method} ${route.path}`, route]));
    for (const { name, operation } of operations()) {
      const { access, shape, program } = routes.get(name) ?? {};
      const { scopes, permission } = program ?? shape ?? {};
      const keys = operation.security.flatMap(({ apiKey }) => (apiKey ? [apiKey] : []));
      expect(keys, name).to.deep.equal((scopes ?? []).map((all) => [...all]));
      expect(operation['x-permission'], name).to.equal(permission);
      const needsToken = operation.security.some(({ accessToken }) => accessToken !== undefined);
      expect(needsToken, name).to.equal(access === 'user' || program !== undefined);
    }
  });

  it('has the fields of every shape that docs/protocol.md tells', async () => {
    const told = section(await readText('docs/protocol.md'), '## Shapes');
    const shapes = [...told.matchAll(/^- \*\*(.+?)\*\*\s+`\{(.+?)\}`/gm)];
    expect(shapes.map(([, name]) => name)).to.have.members(Object.keys(SHAPES));
    for (const [, name = '', fields = ''] of shapes) {
      const schema = Object.entries(SHAPES).find(([shape]) => shape === name)?.[1] ?? '';
      const { properties = {} } = document.components.schemas[schema] ?? {};
      const keys = fields.split(', ').map((field) => field.replace(/:.*/, ''));
      expect(keys, name).to.have.members(Object.keys(properties));
    }
  });

  it('tells what webhooks get', () => {
    expect(Object.keys(document.webhooks)).to.have.members(WEBHOOK_EVENTS);
  });

  it('tells the headers that a call reads', () => {
    const headersOf = (name: string) => {
      const { operation } = operations().find((one) => one.name === name) ?? {};
      const headers = (operation?.parameters ?? []).filter((one) => one.in === 'header');
      return headers.map((one) => one.name);
    };
    expect(headersOf('POST /v1/chat/completions')).to.include.members([
      IDEMPOTENCY_KEY,
      'X-Parley-Conversation',
      'Last-Event-ID',
    ]);
    expect(headersOf('GET /agent/messages/:id/stream')).to.deep.equal(['Last-Event-ID']);
  });

  it('has for each call one name, a sentence, a topic, its parameters and its errors', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    const topics = document.tags.map(({ name }) => name);
    for (const { name, path, operation } of operations()) {
      expect(operation.summary, name).to.match(/^[A-Z].+[^.]$/);
      expect(topics, name).to.include.members(operation.tags);
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
      const told = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect(
        told.map((one) => one.name),
        name,
      ).to.deep.equal(wanted);
      expect(Object.keys(operation.responses), name).to.include('500');
    }
    const text = JSON.stringify(document);
    for (const code of Object.keys(ERRORS).filter((one) => one !== 'unknown_event'))
      expect(text).to.include(`"${code}"`);
  });

  it('comes without a session, packed, and costs nothing while it is the same', async () => {
    const { headers } = await app.call('/openapi.json');
    const etag = headers.get('etag') ?? '';
    expect(headers.get('content-type')).to.match(/^application\/json/);
    expect([headers.get('cache-control'), etag === '']).to.deep.equal(['no-cache', false]);
    expect(headers.get('vary')).to.match(/Accept-Encoding/i);
    const get = async (more: Record<string, string>) => {
      const sent = request(`${app.url}/openapi.json`, { headers: more }).end();
      const [response] = await once(sent, 'response');
      response.resume();
      return response;
    };
    const packed = await get({ 'accept-encoding': 'br' });
    expect(packed.headers['content-encoding']).to.equal('br');
    const again = await get({ 'accept-encoding': 'br', 'if-none-match': packed.headers.etag });
    expect(again.statusCode).to.equal(304);
  });
});

describe('/asyncapi.json', () => {
  let app: TestApp;
  let document: AsyncApi;

  before(async () => {
    app = await startApp();
    document = (await app.call<AsyncApi>('/asyncapi.json')).body;
  });
  after(() => app.stop());

  const operations = (action: string, channel: string) =>
    Object.values(document.operations).filter(
      (one) => one.action === action && one.channel.$ref === `#/channels/${channel}`,
    );
  const titles = (all: AsyncOperation[]) => all.map(({ title }) => title);

  it('is AsyncAPI 3.0 by its own rules', () => {
    const validate = new Ajv({
      strict: false,
      meta: false,
      validateSchema: false,
      validateFormats: false,
    }).compile(asyncapiSchemas.schemas['3.0.0'] as AnySchema);
    validate(document);
    expect(validate.errors).to.equal(null);
  });

  it('tells every client event with its ack, its errors and who may send it', () => {
    const sent = operations('receive', 'socket');
    expect(titles(sent)).to.have.members(Object.keys(eventSchemas));
    for (const operation of sent) {
      const name = operation.title as ClientEventName;
      const { messages, reply } = operation;
      expect(
        [...messages, ...(reply?.messages ?? [])].map(({ $ref }) => $ref),
        name,
      ).to.deep.equal(
        ['', '.ack'].map((end) => `#/channels/socket/messages/${name.replace(':', '.')}${end}`),
      );
      expect(operation['x-permission'], name).to.equal(EVENT_PERMISSIONS[name]);
      expect(operation['x-scopes'], name).to.deep.equal(EVENT_SCOPES[name]);
      expect(operation['x-errors'], name).to.include.members(['validation_failed', 'forbidden']);
    }
  });

  it('tells every event of the server that docs/protocol.md tells, and those of streams', async () => {
    const page = await readText('docs/protocol.md');
    const served = (heading: string) =>
      rows(section(page, heading)).flatMap(([cell = '']) =>
        cell.includes('(reserved)') ? [] : codes(cell),
      );
    expect(titles(operations('send', 'socket'))).to.have.members(served('### Server events'));
    expect(titles(operations('send', 'answerStream'))).to.have.members(
      served('## Server-sent events'),
    );
  });

  it('refers only to what it has', () => {
    const refs = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(refs.length).to.be.greaterThan(100);
    for (const text of new Set(refs)) {
      const { $ref } = JSON.parse(`{${text}}`);
      const keys = $ref.slice(2).split('/');
      const found = keys.reduce((part: unknown, key: string) => Object(part)[key], document);
      expect(found, $ref).to.not.equal(undefined);
    }
  });
});
