import type { QueueReport } from '../../../contract/admin.js';
import type { Message } from '../../../contract/rest.js';
import type { Claim, Outcome } from '../../../entities/entities.js';
import type { QueueCounts } from '../../../ports/metrics.js';
import type {
  Branch,
  ClaimLimits,
  GenerationRepository,
  QueuePosition,
  StopResult,
  Telling,
  Unannounced,
} from '../../../ports/repositories/generation-repository.js';
import { TAKE_OVER_WITHIN } from '../sql/lease.js';
import { MESSAGE_COLUMNS, MESSAGE_TABLES } from '../sql/message-row.js';
import type { Sql, Transact } from '../sql/sql.js';
import { toQuotaUsage, type UsageRow } from '../usage/usage-repository.js';
import { LOCK_USER, RESERVE_MORE } from '../usage/usage-statements.js';
import { CANDIDATES, CLAIM } from './claim-statements.js';
import * as statements from './generation-statements.js';
import { POSITIONS, REPORT, WAITING } from './position-statements.js';

/** Statements that run once per answer. Their plans are the same with and without known values. */
const ASK_FACTS = { name: 'ask facts', text: statements.ASK_FACTS };
const TAKE = { name: 'claim', text: CLAIM };
const DELETE = { name: 'delete', text: statements.DELETE };
const FINISH = { name: 'finish', text: statements.FINISH };
/** Statements that every node sends again and again. */
const RENEW = { name: 'renew', text: statements.RENEW };
const TAKE_UNANNOUNCED = { name: 'take unannounced', text: statements.TAKE_UNANNOUNCED };

const NOBODY: Telling = { event: null, installation: false };

const NO_BRANCH: Branch = { conversationId: null };

/** Postgres' integer has no Infinity. */
const cap = (limit: number) => Math.min(limit, 2_147_483_647);

/** Generations that one claim takes only to end them, beyond its room. */
const STOPS = 50;

/** How many queued generations may begin. With a total, claims of all nodes take turns until their transactions end. */
async function freshPlaces(
  sql: Sql,
  { room, total = Number.POSITIVE_INFINITY, paused = false }: ClaimLimits,
): Promise<number> {
  if (paused || room === 0) return 0;
  if (total === Number.POSITIVE_INFINITY) return room;
  await sql.run(statements.LOCK_TOTAL);
  const row = await sql.one<{ count: number }>(statements.RUNNING);
  return Math.max(0, Math.min(room, total - (row?.count ?? 0)));
}

async function claim(
  sql: Sql,
  limits: ClaimLimits,
  askedAt: number,
  only?: number,
): Promise<Claim[]> {
  const inTime = () => performance.now() - askedAt < limits.leaseMs * TAKE_OVER_WITHIN;
  const takeOver = () => limits.takeOver && inTime();
  const perUser = cap(limits.perUser);
  const paused = limits.pausedModels ?? [];
  const fresh = await freshPlaces(sql, limits);
  if (only !== undefined && fresh === 0) return [];
  const room = [cap(limits.room), cap(fresh)];
  const candidates =
    only === undefined
      ? await sql.rows<{ id: number }>(CANDIDATES, [takeOver(), perUser, ...room, paused, STOPS])
      : [{ id: only }];
  if (candidates.length === 0) return [];
  const ids = candidates.map(({ id }) => id);
  const { nodeId, leaseMs } = limits;
  return sql.rows<Claim>(TAKE, [ids, takeOver(), perUser, nodeId, leaseMs, paused]);
}

/** The first binds of statements about a claim. */
const held = ({ generationId, attempt, claimId }: Claim) => [generationId, attempt, claimId];

async function finish(
  sql: Sql,
  claimed: Claim,
  outcome: Outcome,
  { event, installation }: Telling,
  words: string | null,
) {
  const written = await sql.one<{ told: boolean }>(FINISH, [
    ...held(claimed),
    outcome.status,
    outcome.content,
    outcome.cursor.seq,
    outcome.finishReason,
    outcome.usage && JSON.stringify(outcome.usage),
    outcome.error && JSON.stringify(outcome.error),
    outcome.usage?.total_tokens ?? 0,
    outcome.sha256,
    outcome.reasoning,
    outcome.reasoningMs,
    outcome.model,
    outcome.context && JSON.stringify(outcome.context),
    outcome.vendor && JSON.stringify(outcome.vendor),
    outcome.usage?.cost ?? null,
    outcome.currency,
    event,
    installation,
    words,
  ]);
  if (written) return written.told ? ('told' as const) : ('finished' as const);
  const { status, content } = outcome;
  const same = await sql.one(
    'SELECT 1 FROM messages WHERE id = $1 AND attempt = $2 AND status = $3 AND content = $4',
    [claimed.messageId, claimed.attempt, status, content],
  );
  return same ? ('already' as const) : ('fenced' as const);
}

/** Two statements, because the first nearly always finds nothing. Rows lost between the two are taken again later. */
async function claimUnannounced(
  sql: Sql,
  ...bind: [nodeId: string, leaseMs: number, limit: number]
) {
  type Taken = Omit<Unannounced, 'message'> & { messageId: number };
  const taken = await sql.rows<Taken>(TAKE_UNANNOUNCED, bind);
  if (taken.length === 0) return [];
  const messages = await sql.rows<Message>(
    `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES} WHERE m.id = ANY($1::bigint[]) AND m.deleted_at IS NULL`,
    [taken.map(({ messageId }) => messageId)],
  );
  const byId = new Map(messages.map((message) => [message.id, message]));
  return taken
    .map(({ generationId, messageId, trace }) => ({
      ...{ generationId, trace },
      message: byId.get(messageId) ?? null,
    }))
    .sort((a, b) => a.generationId - b.generationId);
}

/** `transact` runs the two steps of a claim in one transaction. Inside a transaction it passes `sql` on. */
export function createGenerationRepository(sql: Sql, transact: Transact): GenerationRepository {
  return {
    async askFacts(userId, clientId, branch = NO_BRANCH) {
      type Row = UsageRow & { pending: number; repeated: boolean; branchTokens: number };
      const { conversationId, messageId, above } = branch;
      const bind = [userId, clientId, conversationId, messageId ?? null, above ?? false];
      const row = await sql.one<Row>(ASK_FACTS, bind);
      if (!row) return null;
      const { pending, repeated, branchTokens } = row;
      return { pending, repeated, branchTokens, usage: toQuotaUsage(row) };
    },

    reserveMore: (claimed, tokens) =>
      transact(async (tx) => {
        await tx.run(LOCK_USER, [claimed.userId]);
        const bind = [...held(claimed), claimed.userId, tokens];
        return (await tx.one<{ reserved: number }>(RESERVE_MORE, bind))?.reserved ?? null;
      }),

    heldBy: (messageIds, userId) => sql.rows(statements.HELD_BY, [messageIds, userId]),

    async holdInstead(messageId, tokens) {
      await sql.run(statements.HOLD_INSTEAD, [messageId, tokens]);
    },

    async claim(limits, only) {
      const askedAt = performance.now();
      return transact((tx) => claim(tx, limits, askedAt, only));
    },

    renew: (nodeId, leaseMs, claims) =>
      sql.rows(RENEW, [
        claims.map((claim) => claim.generationId),
        claims.map((claim) => claim.attempt),
        claims.map((claim) => claim.claimId),
        nodeId,
        leaseMs,
      ]),

    finish: (claimed, outcome, telling = NOBODY, words = null) =>
      finish(sql, claimed, outcome, telling, words),

    async holds(claimed) {
      return (await sql.run(statements.HOLDS, held(claimed))) > 0;
    },

    async raise(claimed, above) {
      const row = await sql.one<{ attempt: number }>(statements.RAISE, [...held(claimed), above]);
      return row && { ...claimed, attempt: row.attempt };
    },

    async handBack(claimed, tries = 0) {
      await sql.run(statements.HAND_BACK, [...held(claimed), 1 - tries]);
    },

    requestStop: (messageId, leaseMs) =>
      sql.one<StopResult>(statements.REQUEST_STOP, [messageId, leaseMs]),

    async delete(generationIds) {
      await sql.run(DELETE, [generationIds]);
    },

    claimUnannounced: (nodeId, leaseMs, limit) => claimUnannounced(sql, nodeId, leaseMs, limit),

    async positions(messageIds, perUser) {
      if (messageIds.length === 0) return [];
      return sql.rows<QueuePosition>(POSITIONS, [messageIds, cap(perUser)]);
    },

    async waiting() {
      return (await sql.one<QueueCounts>(WAITING)) ?? { depth: 0, oldestSeconds: 0 };
    },

    async report() {
      const none = { waiting: 0, running: 0, oldest_ms: 0, nodes: [], users: [] };
      return (await sql.one<QueueReport>(REPORT)) ?? none;
    },
  };
}
