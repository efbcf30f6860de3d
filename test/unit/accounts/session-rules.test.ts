import { expect } from 'chai';
import { sessionRecord } from '../../../lab/stores/session-record.js';
import type { User } from '../../../src/contract/accounts.js';
import { judgeRefresh, REUSE_GRACE_MS } from '../../../src/domain/sessions/session-rules.js';
import type { SessionRecord } from '../../../src/entities/entities.js';

const NOW = 1_000_000_000;
const DAY = 86_400_000;
const MAX = 90 * DAY;
/** A session at `gen` 3, whose token was shown, long after the grace period. */
const LIVE: SessionRecord = {
  ...sessionRecord(NOW, DAY),
  seenGen: 3,
  rotatedAt: new Date(NOW - REUSE_GRACE_MS - 1),
};
const UNSEEN = { seenGen: 2 };
const IN_GRACE = { rotatedAt: new Date(NOW - REUSE_GRACE_MS) };
const USER = { id: 7, is_active: true } as User;

const sessions = {
  live: LIVE,
  ending: { ...LIVE, createdAt: new Date(NOW - MAX + 1), expiresAt: new Date(NOW + 1) },
  'of its longest life': { ...LIVE, createdAt: new Date(NOW - MAX) },
  'run out': { ...LIVE, expiresAt: new Date(NOW) },
  revoked: { ...LIVE, revokedAt: new Date(NOW - 1) },
  gone: null,
};
const tokens = {
  present: { gen: 3 },
  'present, forged': { gen: 3, forged: true },
  later: { gen: 9 },
  'later, forged': { gen: 9, forged: true },
  previous: { gen: 2 },
  'previous, in the grace': { gen: 2, row: IN_GRACE },
  'previous, successor unseen': { gen: 2, row: UNSEEN },
  'previous, forged': { gen: 2, row: UNSEEN, forged: true },
  older: { gen: 1 },
  'older, at once': { gen: 1, row: { ...IN_GRACE, ...UNSEEN } },
  expired: { gen: 3, expiresAt: NOW },
};
const users = { active: USER, disabled: { ...USER, is_active: false }, gone: null };

/** The verdicts for an active, a disabled and a missing user. */
type Verdicts = readonly [string, string, string];
type Row = Record<keyof typeof tokens, Verdicts>;

const always = (verdict: string): Verdicts => [verdict, verdict, verdict];
const ifActive = (verdict: string): Verdicts => [verdict, 'account_disabled', 'session_revoked'];

const whileAlive: Row = {
  present: ifActive('rotate'),
  'present, forged': always('token_invalid'),
  later: ifActive('rotate'),
  'later, forged': always('token_invalid'),
  previous: always('reuse'),
  'previous, in the grace': ifActive('repeat'),
  'previous, successor unseen': ifActive('repeat'),
  'previous, forged': ifActive('repeat'),
  older: always('reuse'),
  'older, at once': always('reuse'),
  expired: always('token_expired'),
};
const over = (expired: string): Row => ({
  present: always('session_revoked'),
  'present, forged': always('session_revoked'),
  later: always('session_revoked'),
  'later, forged': always('session_revoked'),
  previous: always('session_revoked'),
  'previous, in the grace': always('session_revoked'),
  'previous, successor unseen': always('session_revoked'),
  'previous, forged': always('session_revoked'),
  older: always('session_revoked'),
  'older, at once': always('session_revoked'),
  expired: always(expired),
});
const table: Record<keyof typeof sessions, Row> = {
  live: whileAlive,
  ending: whileAlive,
  'of its longest life': over('session_revoked'),
  'run out': over('token_expired'),
  revoked: over('token_expired'),
  gone: over('token_expired'),
};

interface Shown {
  gen: number;
  forged?: boolean;
  expiresAt?: number;
  row?: Partial<SessionRecord>;
}

function verdict(session: SessionRecord | null, shown: Shown, user: User | null): string {
  const { gen, forged = false, expiresAt = NOW + 1, row = {} } = shown;
  const claims = { sessionId: LIVE.id, gen, jti: 'x', issuedAt: NOW - DAY, expiresAt };
  const rules = { now: NOW, sessionMaxMs: MAX, isGenuine: () => !forged };
  const judged = judgeRefresh(session && { ...session, ...row }, user, claims, rules);
  return judged.do === 'refuse' ? judged.code : judged.do;
}

const keys = <T extends object>(of: T) => Object.keys(of) as (keyof T)[];

describe('the verdict on a refresh token', () => {
  for (const session of keys(sessions)) {
    it(`is as in the table for a session that is ${session}`, () => {
      for (const token of keys(tokens)) {
        const judged = Object.values(users).map((user) =>
          verdict(sessions[session], tokens[token], user),
        );
        expect(judged, token).to.deep.equal(table[session][token]);
      }
    });
  }

  it('names the session and the user to write for', () => {
    const claims = { sessionId: LIVE.id, gen: 3, jti: 'x', issuedAt: NOW, expiresAt: NOW + 1 };
    const rules = { now: NOW, sessionMaxMs: MAX, isGenuine: () => true };
    const rotate = judgeRefresh(LIVE, USER, claims, rules);
    expect(rotate).to.deep.equal({ do: 'rotate', session: LIVE, user: USER });
    const reuse = judgeRefresh(LIVE, USER, { ...claims, gen: 1 }, rules);
    expect(reuse).to.deep.equal({ do: 'reuse', session: LIVE });
  });
});
