import type { Express } from 'express';
import { pino } from 'pino';
import { readEnv } from '../../src/config/config.js';
import { createHttpApp } from '../../src/http/app.js';
import type { HttpDeps } from '../../src/http/deps.js';
import type { EndpointHandler, EndpointInfo } from '../../src/http/endpoint.js';
import type { ProgramHandler, ProgramInfo } from '../../src/http/programs/program-endpoint.js';

export interface Route extends Partial<EndpointInfo> {
  method: string;
  /** The path with parameters as declared: `/agent/conversations/:id`. */
  path: string;
  /** Details of a call in OpenAI's shapes, which is no endpoint. */
  program?: ProgramInfo;
}

/** The fields that Express keeps of a route or of a mounted router. */
interface Layer {
  rawPath?: unknown;
  handle?: { stack?: Layer[] } & Partial<EndpointHandler & ProgramHandler>;
  /** A handler of all methods has none. */
  route?: { path: unknown; stack: (Layer & { method?: string })[] };
}

/** Stands for every service: nothing is called while routes are only listed. */
const nothing: unknown = new Proxy(() => {}, { get: () => nothing, apply: () => nothing });

function routesOf(layer: Layer, prefix: string): Route[] {
  const { route, handle } = layer;
  if (route) {
    return [route.path].flat().flatMap((path) =>
      route.stack.flatMap(({ method, handle: run }) =>
        method === undefined
          ? []
          : {
              method: method.toUpperCase(),
              path: (prefix + path).replace(/(.)\/$/, '$1').replace(/\*(\w+)/g, ':$1'),
              ...run?.endpoint,
              ...(run?.program && { program: run.program }),
            },
      ),
    );
  }
  const mounted = prefix + (layer.rawPath ?? '');
  return (handle?.stack ?? []).flatMap((inner) => routesOf(inner, mounted.replace(/\/$/, '')));
}

/** Every REST route, as registered in Express. A route without `shape` is not an endpoint of the contract. */
export function restRoutes(): Route[] {
  const config = readEnv({ NODE_ENV: 'test' });
  const logger = pino({ level: 'silent' });
  const deps = { config, logger, publicDir: 'public' } as Partial<HttpDeps>;
  const proxied = new Proxy(deps, {
    get: (given, key) => Reflect.get(given, key) ?? nothing,
  }) as HttpDeps;
  const app: Express = createHttpApp(proxied);
  const { stack } = app.router as unknown as { stack: Layer[] };
  return stack.flatMap((layer) => routesOf(layer, ''));
}
