import type { Request, RequestHandler, Response } from 'express';
import type Joi from 'joi';
import { LIMITS } from '../../contract/limits.js';
import type { ChatPermission } from '../../contract/permissions.js';
import type { ScopeNeed } from '../../contract/scopes.js';
import type { Asker } from '../../domain/rights/held-right.js';
import { requirePermission } from '../../domain/rights/permissions.js';
import type { AuthenticatedUser } from '../../domain/sessions/auth-service.js';
import { requireScopes } from '../../domain/sessions/scopes.js';
import { AppError } from '../../entities/errors.js';
import { hasBody } from '../../validation/request-body.js';
import { bearerOf } from '../credentials.js';
import type { HttpDeps } from '../deps.js';
import { addressOf } from '../endpoint.js';
import { traceCall } from '../traced-call.js';

/** Access to a call of `/v1`, and its input. */
export interface ProgramInfo {
  permission: ChatPermission;
  scopes: ScopeNeed;
  body?: Joi.ObjectSchema;
  /** The call may ask a model, so a trace begins with it. */
  asks?: boolean;
}

export interface ProgramHandler extends RequestHandler {
  /** Code that is derived from all calls reads this. */
  readonly program: ProgramInfo;
}

export interface ProgramCall {
  req: Request;
  res: Response;
  /** `trace`: of this call, if it may ask a model. */
  principal: AuthenticatedUser & Pick<Asker, 'trace'>;
}

/** Wraps a call in its guard. */
export type ProgramEndpoint = (
  info: ProgramInfo,
  run: (call: ProgramCall) => Promise<void>,
) => ProgramHandler;

/** A body that is refused unread is not read to its end if it is large. */
function closeUnread({ headers }: Request, res: Response): void {
  const length = headers['content-length'];
  const isLarge = length === undefined || Number(length) > LIMITS.payloadBytes;
  if (hasBody(headers) && isLarge) res.set('Connection', 'close');
}

/** Accepts keys and access tokens. Cookies are for people. */
export function createProgramEndpoint({
  bearers,
  limit,
  tracing,
}: Pick<HttpDeps, 'bearers' | 'limit' | 'tracing'>): ProgramEndpoint {
  const identify = async (req: Request): Promise<AuthenticatedUser> => {
    const token = bearerOf(req);
    if (token === undefined) throw new AppError('unauthenticated');
    return bearers.identify(
      { token, as: 'bearer' },
      {
        user: (userId) => limit('request', `user ${userId}`),
        stranger: () => limit('request', addressOf(req)),
      },
    );
  };

  return (info, run) => {
    const handler: RequestHandler = async (req, res) => {
      closeUnread(req, res);
      const span = info.asks ? traceCall(tracing, req, res) : null;
      const caller = await identify(req);
      const principal = span ? { ...caller, trace: span.trace } : caller;
      requireScopes(principal, info.scopes);
      requirePermission(principal, info.permission);
      await run({ req, res, principal });
    };
    return Object.assign(handler, { program: info });
  };
}
