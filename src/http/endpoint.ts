import { performance } from 'node:perf_hooks';
import type { Request, RequestHandler, Response } from 'express';
import type Joi from 'joi';
import { type Language, pickLanguage } from '../contract/language.js';
import type { ChatPermission, Permission } from '../contract/permissions.js';
import type { ScopeNeed } from '../contract/scopes.js';
import { addressKey } from '../domain/limits/address.js';
import type { Asker } from '../domain/rights/held-right.js';
import { requirePermission } from '../domain/rights/permissions.js';
import type { AuthenticatedUser } from '../domain/sessions/auth-service.js';
import { requireScopes } from '../domain/sessions/scopes.js';
import { firstAccepted } from '../domain/sessions/shown-tokens.js';
import { AppError } from '../entities/errors.js';
import { validate } from '../validation/validate.js';
import type { Credentials } from './credentials.js';
import type { HttpDeps } from './deps.js';
import { requireRead } from './middleware/json-body.js';
import { clientAddress } from './proxy.js';
import { traceCall } from './traced-call.js';

/** The input of an endpoint. Parts without a schema are undefined. */
export interface Shape<B, Q, P> {
  body?: Joi.ObjectSchema<B>;
  query?: Joi.ObjectSchema<Q>;
  params?: Joi.ObjectSchema<P>;
  /** Status of the response; 200 by default. */
  status?: number;
}

/** Conversations are for programs, too; accounts and their administration are not. */
export type Rights =
  | { permission: ChatPermission; scopes: ScopeNeed }
  | { permission?: Exclude<Permission, ChatPermission>; scopes?: never };

export type UserShape<B, Q, P> = Shape<B, Q, P> &
  /** Users without the permission get `forbidden`. One's own account needs none. */
  Rights & {
    /** The response lasts as long as its reader likes, so it takes no turn. */
    isDownload?: boolean;
    /** The call may ask a model, so a trace begins with it. */
    asks?: boolean;
  };

export interface Call<B, Q, P> {
  body: B;
  query: Q;
  params: P;
  language: Language;
  /** The address that limits count the caller by. */
  address: string;
  req: Request;
  res: Response;
}

export interface UserCall<B, Q, P> extends Call<B, Q, P> {
  /** `trace`: of this call, if it may ask a model. */
  principal: AuthenticatedUser & Pick<Asker, 'trace'>;
}

/** The facts that a handler states about itself, for code that is derived from all endpoints. */
export interface EndpointInfo {
  /** Everybody, or logged-in users only. */
  access: 'open' | 'user';
  shape: UserShape<unknown, unknown, unknown>;
}

export interface EndpointHandler extends RequestHandler {
  readonly endpoint: EndpointInfo;
}

/** The caller's right is checked again before the response if reading took longer. */
const LONG_MS = 500;
const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

/** Its result is the JSON response. */
type Run<C> = (call: C) => Promise<unknown>;

/** The address that limits count a caller by. */
export const addressOf = (req: Request): string => addressKey(clientAddress(req));

function checked<T>(schema: Joi.ObjectSchema<T> | undefined, value: unknown, language: Language) {
  return (schema ? validate(schema, value, language) : undefined) as T;
}

function readCall<B, Q, P>(shape: Shape<B, Q, P>, req: Request, res: Response): Call<B, Q, P> {
  const language = pickLanguage(req.get('accept-language'));
  if (shape.body) requireRead(req);
  return {
    params: checked(shape.params, req.params, language),
    query: checked(shape.query, req.query, language),
    body: checked(shape.body, req.body === undefined ? {} : req.body, language),
    language,
    address: addressOf(req),
    req,
    res,
  };
}

const described = <B, Q, P>(
  access: EndpointInfo['access'],
  shape: UserShape<B, Q, P>,
  handler: RequestHandler,
): EndpointHandler => Object.assign(handler, { endpoint: { access, shape } });

/** Returns the bytes that were sent. A handler that has already sent its response is left alone. */
function respond(res: Response, status: number, data: unknown): number {
  if (res.headersSent) return 0;
  res.set('Cache-Control', 'no-store').status(status).json(data);
  return Number(res.getHeader('content-length') ?? 0);
}

/** Wraps the common parts of endpoints: limits, authentication, validation, the response. */
export function createEndpoints(
  { bearers, limit, queue, rights, tracing, unread }: HttpDeps,
  credentials: Credentials,
) {
  const principalOf = async (req: Request): Promise<AuthenticatedUser> =>
    firstAccepted(credentials.accessTokens(req), (shown) =>
      bearers.identify(shown, {
        user: (userId) => limit('request', `user ${userId}`),
        stranger: () => limit('request', addressOf(req)),
      }),
    );

  /** Reads take turns. A download has a place of its own, and a write may wait for a whole answer. */
  const inTurn = async (
    { isDownload }: UserShape<unknown, unknown, unknown>,
    userId: number,
    res: Response,
    work: () => Promise<void>,
  ): Promise<void> => {
    if (!isRead(res.req) || isDownload) return work();
    const isWanted = () => !res.destroyed;
    await queue.run(userId, work, { isWanted, isPage: true }).catch((error: unknown) => {
      // A caller that has disconnected gets no error.
      if (isWanted() || !(error instanceof AppError)) throw error;
    });
  };

  return {
    /** Open to everybody, limited by address. */
    open<B, Q, P>(shape: Shape<B, Q, P>, run: Run<Call<B, Q, P>>): EndpointHandler {
      return described('open', shape, async (req, res) => {
        await limit('request', addressOf(req));
        respond(res, shape.status ?? 200, await run(readCall(shape, req, res)));
      });
    },

    /** Serves logged-in users, limited by user. */
    user<B, Q, P>(shape: UserShape<B, Q, P>, run: Run<UserCall<B, Q, P>>): EndpointHandler {
      return described('user', shape, async (req, res) => {
        const span = shape.asks ? traceCall(tracing, req, res) : null;
        const caller = await principalOf(req);
        const principal = span ? { ...caller, trace: span.trace } : caller;
        const permission = shape.permission ?? null;
        requireScopes(principal, shape.scopes ?? []);
        requirePermission(principal, permission);
        if (res.destroyed) return;
        const { userId } = principal;
        const began = performance.now();
        unread.admit(userId, res);
        await inTurn(shape, userId, res, async () => {
          unread.require(userId);
          const data = await run({ ...readCall(shape, req, res), principal });
          const isLate = isRead(req) && performance.now() - began > LONG_MS;
          if (isLate && !res.headersSent) await rights.require(principal, permission);
          unread.expectReader(res);
          queue.charge(userId, respond(res, shape.status ?? 200, data));
        });
      });
    },
  };
}

export type Endpoints = ReturnType<typeof createEndpoints>;
