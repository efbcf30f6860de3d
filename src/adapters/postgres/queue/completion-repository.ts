import type { CompletionClaim } from '../../../entities/entities.js';
import { unavailable } from '../../../entities/errors.js';
import type {
  CompletionOutcome,
  CompletionRepository,
  StoredCompletion,
  TakenCompletion,
} from '../../../ports/repositories/completion-repository.js';
import { TAKE_OVER_WITHIN } from '../sql/lease.js';
import type { Sql, Transact } from '../sql/sql.js';
import { settle } from '../usage/usage-repository.js';
import * as statements from './completion-statements.js';

/** Statements that every node sends again and again. Their plans are the same with and without known values. */
const RENEW = { name: 'renew completions', text: statements.RENEW };
const TAKE_OVER = { name: 'take over completions', text: statements.TAKE_OVER };

/** The first binds of statements about a claim. */
const held = ({ id, attempt, claimId }: CompletionClaim) => [id, attempt, claimId];

/** Runs in a transaction: what was used counts exactly when the end is stored. */
async function finish(tx: Sql, claim: CompletionClaim, outcome: CompletionOutcome) {
  const { seq, content, sha256, error, charge } = outcome;
  const bind = [...held(claim), seq, content, sha256, error && JSON.stringify(error)];
  if ((await tx.run(statements.FINISH, bind)) === 0) {
    const same = await tx.one(statements.IS_FINISHED, [...held(claim), sha256]);
    return same ? ('already' as const) : ('fenced' as const);
  }
  // The row of the completion decides that it counts once, whatever became of the reservation.
  await settle(tx, claim.reservation, claim.userId, charge, true);
  return 'finished' as const;
}

/** `transact` ends a completion and counts what it used in one transaction. */
export function createCompletionRepository(sql: Sql, transact: Transact): CompletionRepository {
  return {
    findByKey: (userId, key) => sql.one(statements.FIND_BY_KEY, [userId, key]),

    async begin({ userId, idempotencyKey, trace = null, ...fields }, nodeId, leaseMs) {
      const { digest, request, reservation } = fields;
      await sql.run(statements.FREE_KEY, [userId, idempotencyKey]);
      const stored = [userId, idempotencyKey, digest, request, reservation];
      const bind = [...stored, nodeId, leaseMs, trace];
      return sql.one<CompletionClaim>(statements.BEGIN, bind);
    },

    find: (id, userId) => sql.one<StoredCompletion>(statements.FIND, [id, userId]),

    async request(claim) {
      return (await sql.one<{ request: string }>(statements.REQUEST, held(claim)))?.request ?? null;
    },

    async renew(nodeId, leaseMs, claims) {
      const rows = await sql.rows<{ id: number }>(RENEW, [
        claims.map(({ id }) => id),
        claims.map(({ attempt }) => attempt),
        claims.map(({ claimId }) => claimId),
        nodeId,
        leaseMs,
      ]);
      return rows.map(({ id }) => id);
    },

    takeOver(nodeId, leaseMs, { rows, bytes }) {
      const askedAt = performance.now();
      return transact(async (tx) => {
        const taken = await tx.rows<TakenCompletion>(TAKE_OVER, [nodeId, leaseMs, rows, bytes]);
        if (performance.now() - askedAt < leaseMs * TAKE_OVER_WITHIN) return taken;
        throw unavailable(new Error('Postgres was silent'));
      });
    },

    async holds(claim) {
      return (await sql.run(statements.HOLDS, held(claim))) > 0;
    },

    async raise(claim, above) {
      const row = await sql.one<{ attempt: number }>(statements.RAISE, [...held(claim), above]);
      return row && { ...claim, attempt: row.attempt };
    },

    finish: (claim, outcome) => transact((tx) => finish(tx, claim, outcome)),

    async handBack(claim) {
      await sql.run(statements.HAND_BACK, held(claim));
    },

    prune: (rows) => sql.run(statements.PRUNE, [rows]),
  };
}
