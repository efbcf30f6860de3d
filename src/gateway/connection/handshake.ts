import type { IncomingMessage } from 'node:http';
import { PROTOCOL_VERSION } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import { addressKey } from '../../domain/limits/address.js';
import type { Limit } from '../../domain/limits/rate-rules.js';
import type { Logger } from '../../domain/logger.js';
import type { ShownToken } from '../../domain/sessions/bearers.js';
import { cookiesNamed, firstAccepted } from '../../domain/sessions/shown-tokens.js';
import type { Principal } from '../../entities/entities.js';
import { pickLanguage } from '../../entities/error-messages.js';
import { AppError, invalid } from '../../entities/errors.js';
import { WARN_BEFORE_MS } from '../sessions/session-watch.js';
import type { ParleySocket, SocketData } from '../types.js';
import { HandshakeError } from '../wire-error.js';

export interface HandshakeDeps {
  /** `address`: the key that limits count the caller by. */
  authenticate(shown: ShownToken, address: string): Promise<Principal>;
  /** Name of the access cookie. */
  accessCookie: string;
  isAllowedOrigin(request: IncomingMessage): boolean;
  addressOf(request: IncomingMessage): string;
  limit: Limit;
  logger: Logger;
}

/** Socket.IO middleware: a socket that gets past it has a principal. */
export function createHandshake(deps: HandshakeDeps) {
  return (socket: ParleySocket, next: (error?: HandshakeError) => void): void => {
    const language = pickLanguage(socket.request.headers['accept-language']);
    const address = deps.addressOf(socket.request);
    identify(deps, socket, address).then(
      (principal) => {
        Object.assign(socket.data, freshData(principal, address), { language });
        next();
      },
      (error: unknown) => {
        if (!(error instanceof AppError)) deps.logger.error({ err: error }, 'handshake failed');
        next(new HandshakeError(error, language));
      },
    );
  };
}

async function identify(
  deps: HandshakeDeps,
  socket: ParleySocket,
  address: string,
): Promise<Principal> {
  const key = addressKey(address);
  await deps.limit('handshake', key);
  const { token, protocol } = readAuth(socket.handshake.auth);
  if (protocol !== PROTOCOL_VERSION) throw wrongProtocol();
  const shown: ShownToken[] =
    token === null
      ? cookieTokens(deps, socket.request).map((one) => ({ token: one, as: 'cookie' }))
      : [{ token, as: 'bearer' }];
  return firstAccepted(shown, (one) => deps.authenticate(one, key));
}

/** Cookies count only if a page of another site cannot have sent them. */
function cookieTokens(deps: HandshakeDeps, request: IncomingMessage): string[] {
  const tokens = cookiesNamed(request, deps.accessCookie);
  if (tokens.length === 0) throw new AppError('unauthenticated');
  if (!deps.isAllowedOrigin(request)) throw new AppError('origin_not_allowed');
  return tokens;
}

/** @throws AppError `validation_failed` */
function readAuth(auth: Record<string, unknown>): { token: string | null; protocol: unknown } {
  const { token = null, protocol = PROTOCOL_VERSION } = auth;
  if (token === null) return { token, protocol };
  if (typeof token !== 'string') throw invalid({ path: 'token', code: 'string.base' });
  if (token.length > LIMITS.tokenChars) {
    throw invalid({ path: 'token', code: 'string.max', values: { limit: LIMITS.tokenChars } });
  }
  return { token, protocol };
}

const wrongProtocol = () =>
  invalid({ path: 'protocol', code: 'any.only', values: { valids: `[${PROTOCOL_VERSION}]` } });

export const freshData = (principal: Principal, address: string): Omit<SocketData, 'language'> => ({
  principal,
  address,
  since: Number.POSITIVE_INFINITY,
  // A key cannot be renewed.
  warnAt:
    principal.scopes === null ? principal.expiresAt - WARN_BEFORE_MS : Number.POSITIVE_INFINITY,
  lastSend: null,
  places: null,
  present: new Set(),
  behind: [],
  behindSince: 0,
});
