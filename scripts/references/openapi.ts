import { SCOPES } from '../../src/contract/scopes.js';
import { WEBHOOK_EVENTS } from '../../src/contract/webhooks.js';
import type { ContractTypes } from './contract-types.js';
import type { Refusal } from './error-codes.js';
import { exampleOf } from './input-schemas.js';
import { needed, type Schema, SHAPES } from './json-schema.js';
import type { RestCall } from './rest-calls.js';
import { topics } from './topics.js';

const ABOUT = [
  'REST of Parley, a self-hosted realtime AI chat gateway. Its answers arrive exactly once, character for character.',
  'Bodies are JSON in UTF-8 with snake_case names; times are UTC in ISO 8601 with milliseconds. Lengths count UTF-16',
  'code units. Receivers ignore keys that they do not know, and so does the server. Every response has `X-Request-Id`.',
  'Errors are problems of RFC 9457 with a stable `code`. The socket events are in `/asyncapi.json`.',
].join(' ');

const JSON_TYPE = 'application/json';
const PROBLEM = 'application/problem+json';

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'The access token of a session, from registering, logging in or refreshing. It lasts 15 minutes.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'access_token',
    description:
      'The access token in browsers. With `COOKIE_SECURE` it is called `__Host-access_token`. Calls that change something need an allowed `Origin`.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'pk_…',
    description: `A key with which a program acts for a user, within its scopes: ${SCOPES.join(', ')}.`,
  },
  refreshToken: {
    type: 'apiKey',
    in: 'cookie',
    name: 'refresh_token',
    description:
      'The refresh token in browsers. With `COOKIE_SECURE` it is called `__Secure-refresh_token`. Other clients send it in the body.',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: '`METRICS_TOKEN` of the node.' },
};

const HEADERS = {
  Link: {
    description: 'The next page, with `rel="next"`. Absent on the last one.',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds to wait, as `retry_after_ms` of the problem.',
    schema: { type: 'integer' },
  },
};

const header = (name: keyof typeof HEADERS) => ({
  [name]: { $ref: `#/components/headers/${name}` },
});

/** The name that OpenAPI gives a path with parameters. */
const pathOf = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

const parameters = (call: RestCall) =>
  (['path', 'query'] as const).flatMap((place) => {
    const { properties = {}, required = [] } = place === 'path' ? call.params : call.query;
    return Object.entries(properties).map(([name, { description, examples, ...schema }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description && { description }),
      schema,
      ...(examples && { example: examples[0] }),
    }));
  });

const headerParameters = ({ headers }: RestCall) =>
  headers.map(({ name, text }) => ({
    name,
    in: 'header',
    required: false,
    description: text,
    schema: { type: 'string' },
  }));

function securityOf({
  isOpen,
  security,
  scopes,
  isOfProgram,
}: RestCall): Record<string, string[]>[] {
  if (security === 'refresh') return [{ refreshToken: [] }, {}];
  if (security === 'metrics') return [{ metricsToken: [] }];
  if (isOpen) return [];
  const keys = (scopes ?? []).map((all) => ({ apiKey: [...all] }));
  return [{ accessToken: [] }, ...(isOfProgram ? [] : [{ cookie: [] }]), ...keys];
}

const FILE = {
  description: 'The file as the field `file` of a form, or as the body itself.',
  required: true,
  content: {
    'multipart/form-data': {
      schema: { type: 'object', required: ['file'], properties: { file: { type: 'string' } } },
    },
    'application/octet-stream': { schema: {} },
  },
};

function bodyOf({ body, takesFile }: RestCall) {
  if (takesFile) return { requestBody: FILE };
  if (!body) return {};
  const media = { schema: body, example: exampleOf(body) };
  const required = (body.required ?? []).length > 0;
  return { requestBody: { required, content: { [JSON_TYPE]: media } } };
}

/** Parameters of calls that no schema checks. */
const pathParameters = ({ path, params }: RestCall) =>
  [...path.matchAll(/:(\w+)/g)].flatMap(([, name = '']) =>
    params.properties?.[name]
      ? []
      : { name, in: 'path', required: true, schema: { type: 'string' } },
  );

/** Streams are told as text; their events are in AsyncAPI, too. */
const STREAM = {
  schema: {
    type: 'string',
    description: 'Server-sent events: `message`, `delta`, `reset`, `completed`.',
  },
};

function contentOf({ response, produces, streams }: RestCall) {
  if (streams) return { 'text/event-stream': STREAM };
  const others = produces.map((type) => {
    return [type, type === 'text/event-stream' ? STREAM : { schema: { type: 'string' } }];
  });
  const isText = response.type === 'string';
  return { ...(!isText && { [JSON_TYPE]: { schema: response } }), ...Object.fromEntries(others) };
}

function succeeded(call: RestCall) {
  const response = {
    description: call.status === 202 ? 'Accepted' : call.status === 201 ? 'Created' : 'Done',
    ...(call.isPaged && { headers: header('Link') }),
    content: contentOf(call),
  };
  return { [call.status]: response, ...(call.also && { [call.also]: response }) };
}

/** Problems that several calls share. */
class Problems {
  readonly responses: Record<string, object> = {};
  readonly #names = new Map<string, string>();

  /** Groups responses by status; several codes may share one. */
  of(call: RestCall): Record<string, object> {
    const statuses = [...new Set(call.errors.map(({ status }) => status))];
    return Object.fromEntries(
      statuses.map((status) => {
        const all = call.errors.filter((one) => one.status === status);
        return [status, { $ref: `#/components/responses/${this.#name(status, all, call)}` }];
      }),
    );
  }

  #name(status: number, all: readonly Refusal[], call: RestCall): string {
    const response = call.isOfProgram ? programProblem(status, all) : problem(status, all, call);
    const text = JSON.stringify(response);
    const known = this.#names.get(text);
    if (known) return known;
    const same = [...this.#names.values()].filter((name) => name.startsWith(`Problem${status}`));
    const name = `Problem${status}${same.length === 0 ? '' : `-${same.length + 1}`}`;
    this.#names.set(text, name);
    this.responses[name] = response;
    return name;
  }
}

const told = (all: readonly Refusal[]): string =>
  all.map(({ code, when }) => (code === '' ? when : `\`${code}\`: ${when}`)).join('. ');
const retryAfter = (status: number) =>
  [429, 503].includes(status) && { headers: header('Retry-After') };

/** The problem of an answer that failed has the ids of the messages that were stored. */
function problem(status: number, all: readonly Refusal[], { name }: RestCall): object {
  const shape = { $ref: `${SHAPES}Problem` };
  const shapes = [shape, { $ref: `${SHAPES}ChatProblem` }];
  const codes = { properties: { code: { enum: all.map(({ code }) => code) } } };
  const isOfAnswer = name === 'POST /agent/chat' && status >= 429;
  const schema = { allOf: [isOfAnswer ? { anyOf: shapes } : shape, codes] };
  return {
    description: told(all),
    ...retryAfter(status),
    content: { [PROBLEM]: { schema } },
  };
}

/** A refusal of the model server itself is passed on with its own code. */
const programProblem = (status: number, all: readonly Refusal[]): object => ({
  description: told(all),
  ...retryAfter(status),
  content: { [JSON_TYPE]: { schema: { $ref: `${SHAPES}OpenAIProblem` } } },
});

function operationOf(call: RestCall, problems: Problems) {
  const all = [...parameters(call), ...pathParameters(call), ...headerParameters(call)];
  return {
    operationId: call.id,
    tags: [call.topic],
    summary: call.summary,
    description: call.text,
    ...(all.length > 0 && { parameters: all }),
    ...bodyOf(call),
    responses: { ...problems.of(call), ...succeeded(call) },
    security: securityOf(call),
    ...(call.permission && { 'x-permission': call.permission }),
    ...(call.rate && {
      'x-rate-limit': { requests: call.rate.points, window_ms: call.rate.windowMs },
    }),
    ...(call.event && { 'x-socket-event': call.event }),
  };
}

/** The requests that this server sends to the addresses of users, signed as Standard Webhooks. */
function webhooksOf(types: ContractTypes): Record<string, object> {
  const schema = types.shape('contract/webhooks.ts', 'WebhookPayload');
  const parameters = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    return { name, in: 'header', required: true, schema: { type: 'string' } };
  });
  const operation = (event: string) => ({
    operationId: event,
    tags: ['Webhooks'],
    summary: `The body of ${event}`,
    parameters,
    requestBody: { required: true, content: { [JSON_TYPE]: { schema } } },
    responses: { '200': { description: 'Accepted, as any status of 200 to 299 says' } },
    security: [],
  });
  return Object.fromEntries(WEBHOOK_EVENTS.map((event) => [event, { post: operation(event) }]));
}

/** OpenAPI 3.1 of all calls. */
export function openApi(calls: readonly RestCall[], types: ContractTypes, version: string) {
  for (const name of ['Problem', 'ChatProblem']) types.shape('contract/errors.ts', name);
  types.shape('contract/openai.ts', 'OpenAIProblem');
  const problems = new Problems();
  const paths: Record<string, Record<string, object>> = {};
  for (const call of calls) {
    const path = pathOf(call.path);
    const operation = operationOf(call, problems);
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: operation };
  }
  const webhooks = webhooksOf(types);
  const used = new Set(calls.map(({ topic }) => topic));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version,
      summary: 'An answer, once asked for, arrives exactly once.',
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The node that serves this document' }],
    tags: topics().filter(({ name }) => used.has(name)),
    paths,
    webhooks,
    components: {
      schemas: needed({ paths, webhooks, responses: problems.responses }, types.shapes),
      responses: problems.responses,
      headers: HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

export type OpenApi = ReturnType<typeof openApi>;
export type { Schema };
