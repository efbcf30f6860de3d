import type Joi from 'joi';
import type { ClientEventName } from '../../src/contract/events.js';
import { CHAT_PERMISSIONS } from '../../src/contract/permissions.js';
import { eventSchemas } from '../../src/validation/schemas.js';
import type { TestApp } from '../nodes/app.js';
import type { Device } from './device.js';
import { type Description, describe, minimal } from './joi-shape.js';
import type { Account } from './rest.js';
import { restRoutes } from './routes.js';

/** One call of the contract, by REST or socket, with all its input as one object. */
export interface ContractCall {
  /** `GET /users/me` or `message:send`. */
  name: string;
  access: 'open' | 'user';
  /** Whether every logged-in user may make the call, not only administrators. */
  forUsers: boolean;
  /** An object with the keys `params`, `query` and `body`; for events only `body`. */
  takes: Description;
  send(parts: CallParts, caller: Caller): Promise<Reply>;
}

export interface CallParts {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

export interface Caller {
  app: TestApp;
  account: Account | null;
  device: Device | null;
}

/** `code` is empty on success. */
export interface Reply {
  code: string;
  data: unknown;
}

const object = (keys: Record<string, Joi.Schema | undefined>): Description => {
  const given = Object.entries(keys).flatMap(([key, schema]) =>
    schema ? [[key, describe(schema)] as const] : [],
  );
  return { type: 'object', flags: { presence: 'required' }, keys: Object.fromEntries(given) };
};

function fill(path: string, { params = {}, query = {} }: CallParts): string {
  const filled = path.replace(/:(\w+)/g, (_, key) => encodeURIComponent(String(params[key])));
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]) => [key, String(value)]),
  );
  return search.size === 0 ? filled : `${filled}?${search}`;
}

const restCalls = (): ContractCall[] =>
  restRoutes().flatMap(({ method, path, access, shape }) =>
    access === undefined || shape === undefined
      ? []
      : {
          name: `${method} ${path}`,
          access,
          forUsers: shape.permission === undefined || CHAT_PERMISSIONS.has(shape.permission),
          takes: object({ params: shape.params, query: shape.query, body: shape.body }),
          async send(parts, { app, account }) {
            const answer = await app.call<{ code?: string }>(fill(path, parts), {
              method,
              ...(account && { token: account.token }),
              ...(shape.body && { body: parts.body }),
            });
            const code = answer.status < 400 ? '' : (answer.body.code ?? String(answer.status));
            return { code, data: answer.body };
          },
        },
  );

const eventCalls = (): ContractCall[] =>
  Object.entries(eventSchemas).map(([name, schema]) => ({
    name,
    access: 'user',
    forUsers: true,
    takes: object({ body: schema }),
    async send({ body }, { device }) {
      if (!device) throw new Error(`${name} needs a device`);
      const ack = await device.emit(name as ClientEventName, body as never);
      return ack.ok ? { code: '', data: ack.data } : { code: ack.error.code, data: ack.error };
    },
  }));

/** Every call of the contract, found in the product itself. */
export const contractCalls = (): ContractCall[] => [...restCalls(), ...eventCalls()];

/** The smallest input of the call. */
export const minimalParts = ({ takes }: ContractCall): CallParts => minimal(takes) as CallParts;
