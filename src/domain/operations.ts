import type { CommonPasswords } from '../ports/common-passwords.js';
import type { NodeNotices } from '../ports/node-notices.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories/repositories.js';
import { AccountAdmin } from './accounts/account-admin.js';
import { AccountCreation } from './accounts/account-creation.js';
import { KeyService } from './accounts/key-service.js';
import { PasswordPolicy } from './accounts/password-policy.js';
import { PasswordService } from './accounts/password-service.js';
import { NodeAdmin } from './nodes/node-admin.js';
import { SessionService } from './sessions/session-service.js';

export interface OperationDeps {
  db: Database;
  notices: NodeNotices;
  hasher: PasswordHasher;
  commonPasswords: CommonPasswords;
}

export type Operations = ReturnType<typeof createOperations>;

/** The operations of the command line, which needs no node of its own. */
export function createOperations({ db, notices, hasher, commonPasswords }: OperationDeps) {
  const policy = new PasswordPolicy(commonPasswords);
  return {
    policy,
    accounts: new AccountAdmin(db, notices),
    creation: new AccountCreation({ db, hasher, policy }),
    passwords: new PasswordService({ db, hasher, notices }),
    sessions: new SessionService(db, notices),
    keys: new KeyService({ db, notices, now: Date.now }),
    nodes: new NodeAdmin(db, notices),
    audit: db.audit,
  };
}
