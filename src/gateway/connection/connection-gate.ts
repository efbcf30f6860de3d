import type { IncomingMessage, ServerResponse } from 'node:http';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import type { Request, Response } from 'express';
import { createDrainGate } from './drain-gate.js';
import { letGo } from './kept-request.js';

type Next = (error?: unknown) => void;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/**
 * Engine.IO middleware: all that happens before a connection. It is one function, for Engine.IO makes promises for each,
 * and leaves CORS out of upgrades, whose answers no browser holds back.
 */
export function createConnectionGate(
  corsOrigins: readonly string[],
  isDraining: () => boolean,
): Middleware {
  const allowOrigins = cors({ origin: [...corsOrigins], credentials: true });
  const parseCookies = cookieParser();
  const refuseWhileDraining = createDrainGate(isDraining);
  return (request, response, next) => {
    const letIn = () => letGo(request, response, next);
    const readCookies = () => parseCookies(request as Request, response as Response, letIn);
    const enter = () => refuseWhileDraining(request, response, readCookies);
    if (request.headers.upgrade === undefined) allowOrigins(request as Request, response, enter);
    else enter();
  };
}
