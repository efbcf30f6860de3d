import type Joi from 'joi';
import { readEnv } from '../../src/config/config.js';
import type { Permission } from '../../src/contract/permissions.js';
import type { ScopeNeed } from '../../src/contract/scopes.js';
import { type RateName, rateRules } from '../../src/domain/limits/rate-rules.js';
import type { EndpointInfo } from '../../src/http/endpoint.js';
import type { RateRule } from '../../src/ports/rate-limiter.js';
import type { ContractTypes, Member } from './contract-types.js';
import { callErrors, programErrors, type Refusal } from './error-codes.js';
import { described, inputSchema } from './input-schemas.js';
import type { Schema } from './json-schema.js';
import { type Route, restRoutes } from './rest-routes.js';
import { topicOfPath } from './topics.js';

/** A REST call with everything that the references say about it. */
export interface RestCall {
  /** `GET /agent/messages/:id`. */
  name: string;
  id: string;
  method: string;
  path: string;
  topic: string;
  summary: string;
  text: string;
  isOpen: boolean;
  permission: Permission | null;
  /** Null: keys are refused. */
  scopes: ScopeNeed | null;
  /** Another scheme than that of its kind. */
  security: string | null;
  params: Schema;
  query: Schema;
  body: Schema | null;
  takesFile: boolean;
  status: number;
  response: Schema;
  /** Other types than JSON in which it may respond. */
  produces: string[];
  streams: boolean;
  /** The response has a link to the next page. */
  isPaged: boolean;
  /** A further status with which it may respond, in the same shape. */
  also: number | null;
  errors: Refusal[];
  /** The call's errors have OpenAI's shape, and it takes no cookies. */
  isOfProgram: boolean;
  headers: { name: string; text: string }[];
  rate: RateRule | null;
  /** The socket event that does the same. */
  event: string | null;
}

const NOTHING: Schema = { type: 'object' };

const sentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].slice(0, -1) ?? text;

/** `postAgentMessagesByIdEdit`. */
const operationId = (name: string): string =>
  name
    .replace(/:(\w+)/g, 'by-$1')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');

/** Rates as they are without settings. */
function rateOf(name: string | undefined): RateRule | null {
  if (name === undefined) return null;
  const rules = rateRules(readEnv({ NODE_ENV: 'test' }).limits);
  const rule = Object.hasOwn(rules, name) ? rules[name as RateName] : undefined;
  if (!rule) throw new Error(`There is no rate ${name}`);
  return rule;
}

function input(types: ContractTypes, schema: Joi.Schema | undefined, member: Member | undefined) {
  if (!schema) return NOTHING;
  const words = member ? types.membersOf(member.type).map(({ name, text }) => [name, text]) : [];
  const json = described(inputSchema(schema), Object.fromEntries(words));
  if (member) agree('A call', Object.keys(json.properties ?? {}), Object.fromEntries(words));
  return json;
}

/** The checked schema and the contract must be the same. */
export function agree(what: string, checked: string[], told: Record<string, unknown>): void {
  const [a, b] = [checked.toSorted().join(), Object.keys(told).toSorted().join()];
  if (a !== b) throw new Error(`${what}: the schema has the keys ${a}, the contract ${b}`);
}

const headerOf = (tag: string): { name: string; text: string } => {
  const [name = '', ...text] = tag.split(' ');
  return { name, text: text.join(' ') };
};

function callOf(types: ContractTypes, route: Route, member: Member): RestCall {
  const { method, path } = route;
  const { name, text, tags } = member;
  const isOfProgram = route.program !== undefined;
  const shape: Partial<EndpointInfo['shape']> = route.program ?? route.shape ?? {};
  const parts = Object.fromEntries(types.membersOf(member.type).map((part) => [part.name, part]));
  if (!parts.response) throw new Error(`${name} has no response`);
  const isOpen = route.access !== 'user' && !isOfProgram;
  const takesFile = tags.upload !== undefined;
  const kind = {
    isOpen,
    isChecked: [shape.params, shape.query, shape.body].some((part) => part !== undefined),
    hasBody: shape.body !== undefined,
    hasId: path.includes(':'),
    changes: method !== 'GET',
    refusesKeys: path.startsWith('/auth'),
  };
  return {
    name,
    id: operationId(name),
    method,
    path,
    topic: topicOfPath(path),
    summary: sentence(text),
    text,
    isOpen,
    permission: shape.permission ?? null,
    scopes: shape.scopes ?? null,
    security: tags.security?.[0] ?? null,
    params: input(types, shape.params, undefined),
    query: input(types, shape.query, parts.query),
    body: shape.body ? input(types, shape.body, parts.body) : null,
    takesFile,
    status: shape.status ?? 200,
    response: types.schemaOf(parts.response.type),
    produces: tags.produces ?? [],
    streams: tags.streams !== undefined,
    isPaged: tags.pages !== undefined,
    also: tags.also ? Number(tags.also[0]) : null,
    errors: isOfProgram ? programErrors(tags.fails ?? []) : callErrors(kind, tags.throws),
    isOfProgram,
    headers: (tags.header ?? []).map(headerOf),
    rate: rateOf(tags.rate?.[0]),
    event: tags.event?.[0] ?? null,
  };
}

export interface RestReference {
  calls: RestCall[];
  /** Routes that src/contract/calls does not list. */
  untold: string[];
  /** Calls of src/contract/calls that no route serves. */
  unserved: string[];
}

/** Every route of the server, in the order of the contract. */
export function restReference(types: ContractTypes): RestReference {
  const members = types.members('contract/calls.ts', 'RestCalls');
  const routes = new Map(restRoutes().map((route) => [`${route.method} ${route.path}`, route]));
  const known = new Set(members.map(({ name }) => name));
  return {
    calls: members.flatMap((member) => {
      const route = routes.get(member.name);
      return route ? callOf(types, route, member) : [];
    }),
    untold: [...routes.keys()].filter((name) => !known.has(name)),
    unserved: [...known].filter((name) => !routes.has(name)),
  };
}
