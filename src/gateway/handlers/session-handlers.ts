import type { AuthService } from '../../domain/sessions/auth-service.js';
import { AppError } from '../../entities/errors.js';
import type { SessionWatch } from '../sessions/session-watch.js';
import type { Handlers, ParleySocket } from '../types.js';

/** The expiry of the given access token, or without one the current expiry of the session. */
async function newExpiry(auth: AuthService, socket: ParleySocket, token: string | undefined) {
  const { sessionId } = socket.data.principal;
  if (token === undefined) return auth.sessionExpiry(sessionId);
  const principal = await auth.authenticate(token);
  if (principal.sessionId !== sessionId) throw new AppError('token_invalid');
  return principal.expiresAt;
}

export const sessionHandlers = (
  auth: AuthService,
  watch: SessionWatch,
): Pick<Handlers, 'session:renew'> => ({
  async 'session:renew'(socket, { token }) {
    const expiresAt = await newExpiry(auth, socket, token);
    watch.extend(socket, expiresAt);
    return { expires_at: new Date(expiresAt).toISOString() };
  },
});
