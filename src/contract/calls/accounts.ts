import type {
  LoginBody,
  PasswordBody,
  RefreshBody,
  RegisterBody,
  Session,
  TokenResponse,
  UpdateUserBody,
  User,
} from '../accounts.js';
import type { AccountExport } from '../export.js';
import type { InvitationPreview, InvitationToken, RegistrationInfo } from '../invitations.js';
import type { ApiKey, KeyBody, NewApiKey } from '../keys.js';
import type { Acknowledgement } from '../rest.js';
import type { UsageReport } from '../usage.js';
import type { NewWebhook, Webhook, WebhookBody } from '../webhooks.js';

/** Logging in and out. */
export interface AuthCalls {
  /** Tells who may register. */
  'GET /auth/registration': { response: RegistrationInfo };
  /**
   * Shows an invitation before it is used.
   * @throws `forbidden` if the invitation is not open; `reason` says why
   */
  'POST /auth/invitation': { body: InvitationToken; response: InvitationPreview };
  /**
   * Creates an account and logs in. Browsers get the tokens as cookies, all other clients in the body.
   * @throws `email_taken` if the address has an account
   * @throws `username_taken` if the name has an account
   * @throws `forbidden` if registration is refused; `reason` says why
   * @throws `origin_not_allowed` if the page of another site registers
   * @rate register
   */
  'POST /auth/register': { body: RegisterBody; response: TokenResponse };
  /**
   * Logs in. Browsers get the tokens as cookies, all other clients in the body.
   * @throws `invalid_credentials` if the address is unknown or the password wrong
   * @throws `account_disabled` if an administrator has disabled the account
   * @throws `origin_not_allowed` if the page of another site logs in
   * @rate login
   */
  'POST /auth/login': { body: LoginBody; response: TokenResponse };
  /**
   * Issues a new pair of tokens. The old refresh token is used up. All sockets of the session live on.
   * @throws `unauthenticated` without a refresh token
   * @throws `token_invalid` if it was not issued by this server
   * @throws `token_expired` if it has expired
   * @throws `session_revoked` if its session has ended
   * @throws `refresh_reused` if it was used before; the session has been revoked
   * @throws `account_disabled` if an administrator has disabled the account
   * @throws `origin_not_allowed` if a cookie comes without an allowed `Origin`
   * @security refresh
   * @rate refresh
   */
  'POST /auth/refresh': { body: RefreshBody; response: TokenResponse };
  /**
   * Ends the session and its sockets. An expired refresh token is enough.
   * @throws `unauthenticated` without a refresh token
   * @throws `token_invalid` if it was not issued by this server
   * @throws `origin_not_allowed` if a cookie comes without an allowed `Origin`
   * @security refresh
   */
  'POST /auth/logout': { query: RefreshBody; body: RefreshBody; response: Acknowledgement };
}

/** One's own account, its devices, keys and webhooks. */
export interface AccountCalls {
  /** Reads one's own account. */
  'GET /users/me': { response: User };
  /**
   * Changes one's address or name. Omitted fields stay unchanged.
   * @throws `email_taken` if the address has an account
   * @throws `username_taken` if the name has an account
   */
  'PATCH /users/me': { body: UpdateUserBody; response: User };
  /**
   * Deletes the account with its conversations and sessions, and stops its running answers.
   * @throws `conflict` for the last administrator
   */
  'DELETE /users/me': { response: Acknowledgement };
  /**
   * Changes the password, and ends all other sessions.
   * @throws `invalid_credentials` if the current password is wrong
   */
  'POST /users/me/password': { body: PasswordBody; response: Acknowledgement };
  /** Lists the live sessions, the most recently used first. */
  'GET /users/me/sessions': { response: Session[] };
  /** Ends all other sessions. */
  'DELETE /users/me/sessions': { response: Acknowledgement };
  /** Ends a session, which may be the caller's own. */
  'DELETE /users/me/sessions/:id': { response: Acknowledgement };
  /** Lists the keys that are not revoked, the newest first. */
  'GET /users/me/keys': { response: ApiKey[] };
  /**
   * Makes a key for a program. `key` is never shown again.
   * @throws `conflict` if there are too many
   * @rate key
   */
  'POST /users/me/keys': { body: KeyBody; response: NewApiKey };
  /** Revokes a key. It is dead at once, and so are its sockets. */
  'DELETE /users/me/keys/:id': { response: Acknowledgement };
  /** Lists the webhooks, the newest first, without their secrets. */
  'GET /users/me/webhooks': { response: Webhook[] };
  /**
   * Adds an address that is told how the user's answers ended. `secret` is never shown again.
   * @throws `conflict` if there are too many
   * @rate webhook
   */
  'POST /users/me/webhooks': { body: WebhookBody; response: NewWebhook };
  /** Deletes a webhook with everything that waits for it. */
  'DELETE /users/me/webhooks/:id': { response: Acknowledgement };
  /**
   * Downloads all data stored about the user.
   * @rate export
   */
  'GET /users/me/export': { response: AccountExport };
  /** Reports the tokens used in the current day and month, by model and by day. */
  'GET /users/me/usage': { response: UsageReport };
}
