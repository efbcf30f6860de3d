import { AccountAdmin } from '../accounts/account-admin.js';
import { AdminRecords } from '../accounts/admin-records.js';
import { ExportService } from '../accounts/export-service.js';
import { InvitationAdmin } from '../accounts/invitation-admin.js';
import { KeyService } from '../accounts/key-service.js';
import { PasswordPolicy } from '../accounts/password-policy.js';
import { PasswordService } from '../accounts/password-service.js';
import { PasswordUpgrades } from '../accounts/password-upgrades.js';
import { RefusedLogins } from '../accounts/refused-logins.js';
import { Registration } from '../accounts/registration.js';
import { RoleAdmin } from '../accounts/role-admin.js';
import { UserService } from '../accounts/user-service.js';
import type { ModelCatalog } from '../answers/model/model-catalog.js';
import { Erasure } from '../erasure.js';
import { HeavyWork } from '../limits/heavy-work.js';
import { UsageService } from '../limits/usage-service.js';
import { NodeAdmin } from '../nodes/node-admin.js';
import { Rights } from '../rights/rights.js';
import type { ServiceDeps, ServiceSettings } from '../service-options.js';
import { AuthService } from '../sessions/auth-service.js';
import { Bearers } from '../sessions/bearers.js';
import { KeyAuth } from '../sessions/key-auth.js';
import { SessionService } from '../sessions/session-service.js';
import { TokenService } from '../sessions/token-service.js';

/** Identity and rights of users. */
export function createAccess(deps: ServiceDeps, settings: Pick<ServiceSettings, 'auth'>) {
  const { db, engine, hasher, now } = deps;
  const { notices } = engine;
  const tokens = new TokenService(settings.auth, now);
  const upgrades = new PasswordUpgrades(deps);
  const refusals = new RefusedLogins(db.audit, engine.limiter);
  const registration = new Registration(db, settings.auth.registration);
  const keyAuth = new KeyAuth(db.keys, now);
  const auth = new AuthService(
    { db, hasher, notices, tokens, upgrades, refusals, registration, keys: keyAuth },
    settings.auth,
    now,
  );
  return {
    auth,
    bearers: new Bearers(auth, keyAuth),
    rights: new Rights({ notices, standing: (id) => auth.standingOf(id) }),
    registration,
    sessions: new SessionService(db, notices),
    keys: new KeyService({ db, notices, now }),
    passwords: new PasswordService({ db, hasher, notices }),
    passwordPolicy: new PasswordPolicy(deps.commonPasswords),
  };
}

/** Accounts: what users and administrators do with them. */
export function createAccounts(
  { db, engine, logger }: ServiceDeps,
  models: ModelCatalog,
  { heavyWork }: Pick<ServiceSettings, 'heavyWork'>,
) {
  const { notices } = engine;
  const erasure = new Erasure(db.removals, logger);
  return {
    erasure,
    users: new UserService({ db, notices, erasure }),
    usage: new UsageService(db, models),
    // Separate from searches, because an export lasts as long as its reader likes.
    exports: new ExportService(db, new HeavyWork(heavyWork)),
    accounts: new AccountAdmin(db, notices),
    roles: new RoleAdmin(db, notices),
    invitations: new InvitationAdmin(db),
    records: new AdminRecords(db),
    nodes: new NodeAdmin(db, notices),
  };
}
