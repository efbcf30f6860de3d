import { readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Route, restRoutes } from './routes.js';

type Json = Record<string, unknown>;

const built = async (name: string): Promise<Json> =>
  JSON.parse(await readFile(new URL(`../../public/references/${name}`, import.meta.url), 'utf8'));

/** Every object has the keys that the references name, and no other: an unnamed field could be somebody's secret. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const inner = Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, closed(value)]),
  );
  const isOpen = inner.type === 'object' && inner.additionalProperties === undefined;
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

const patternOf = ({ path }: Route): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`);

/** Judges what a node sends by the references that it serves. */
export class Described {
  readonly #ajv: Ajv2020;
  readonly #routes: Route[];
  readonly #openapi: Json;
  readonly #checks = new Map<string, ValidateFunction>();

  private constructor(openapi: Json, asyncapi: Json) {
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(closed(openapi) as object, 'openapi');
    this.#ajv.addSchema(closed(asyncapi) as object, 'asyncapi');
    this.#openapi = openapi;
    this.#routes = restRoutes();
  }

  /** Reads the references as the build has written them. */
  static async read(): Promise<Described> {
    return new Described(await built('openapi.json'), await built('asyncapi.json'));
  }

  /** The route that serves a path; null for a path without a route. `name`: `GET /agent/messages/:id`. */
  nameOf(method: string, path: string): string | null {
    const fits = (route: Route) => route.method === method && patternOf(route).test(path);
    const route = this.#routes.find(fits);
    return route ? `${route.method} ${route.path}` : null;
  }

  /** The fault of a JSON response; null if it is as the references tell. */
  answer(name: string, status: number, type: string, body: unknown): string | null {
    const [method = '', path = ''] = name.split(' ');
    const place = path.replace(/:(\w+)/g, '{$1}');
    const operation = Object(Object(this.#openapi.paths)[place])[method.toLowerCase()];
    if (!operation) return `${name} is not in the references`;
    const [media = ''] = type.split(';');
    const told = Object(operation.responses)[status];
    if (!told) return `${name}: ${status} ${Object(body).code ?? ''} is not in the references`;
    const keys = told.$ref
      ? told.$ref.slice(2).split('/')
      : ['paths', place, method.toLowerCase(), 'responses', String(status)];
    const response = keys.reduce((part: unknown, key: string) => Object(part)[key], this.#openapi);
    if (!response.content[media]) return `${name}: ${status} as ${media} is not in the references`;
    return this.#misfit(name, 'openapi', [...keys, 'content', media, 'schema'], body);
  }

  /** The same of the acknowledgement of an event. */
  ack(event: string, ack: unknown): string | null {
    return this.event(`${event}.ack`, ack);
  }

  /** The same of an event of the server. */
  event(name: string, payload: unknown): string | null {
    const keys = ['channels', 'socket', 'messages', name.replace(':', '.'), 'payload'];
    return this.#misfit(name, 'asyncapi', keys, payload);
  }

  /** The same of a server-sent event. */
  streamed(name: string, data: unknown): string | null {
    const keys = ['channels', 'answerStream', 'messages', name, 'payload'];
    return this.#misfit(name, 'asyncapi', keys, data);
  }

  #misfit(name: string, document: string, keys: string[], value: unknown): string | null {
    const pointer = keys.map((key) => key.replace(/~/g, '~0').replace(/\//g, '~1')).join('/');
    const at = `${document}#/${encodeURI(pointer)}`;
    const check = this.#checks.get(at) ?? this.#ajv.compile({ $ref: at });
    this.#checks.set(at, check);
    if (check(value)) return null;
    return `${name}: ${this.#ajv.errorsText(check.errors)}: ${JSON.stringify(value).slice(0, 500)}`;
  }
}
