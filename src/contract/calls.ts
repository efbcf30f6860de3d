import type { AccountCalls, AuthCalls } from './calls/accounts.js';
import type { AdminCalls, ServiceCalls } from './calls/admin.js';
import type { AgentCalls } from './calls/agent.js';
import type { ProgramCalls } from './calls/programs.js';
import type { CALL_SCOPES, PROGRAM_SCOPES } from './scopes.js';

/**
 * REST call -> what it takes and what it returns on success. The references are made from it: the comments are their
 * words. `throws` names the errors beyond those that follow from the kind of a call, `rate` its rate limit, `event` the
 * socket event that does the same.
 */
export interface RestCalls
  extends ServiceCalls,
    AuthCalls,
    AccountCalls,
    AgentCalls,
    AdminCalls,
    ProgramCalls {}

/** Method and path, as the server declares it: `GET /agent/messages/:id`. */
export type RestCallName = keyof RestCalls;

type Told<T extends RestCallName> = T;

/** The calls for keys. One that is not told above does not compile. */
export type KeyCallName = Told<keyof typeof CALL_SCOPES | keyof typeof PROGRAM_SCOPES>;
