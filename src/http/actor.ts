import type { Request } from 'express';
import type { UserActor } from '../domain/rights/actor.js';
import type { Principal } from '../entities/entities.js';
import { clientAddress } from './proxy.js';

/** The logged-in user as the actor of a change. */
export const actorOf = (principal: Principal, req: Request): UserActor => ({
  userId: principal.userId,
  sessionId: principal.sessionId,
  permissions: principal.permissions,
  ip: clientAddress(req),
  userAgent: req.get('user-agent') ?? '',
});
