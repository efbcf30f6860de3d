import type { SessionRecord } from '../../src/entities/entities.js';

/** A live session of user 7 that was rotated three times, the last time at `now`, in ms since the epoch. */
export const sessionRecord = (now: number, lifeMs: number): SessionRecord => ({
  id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  userId: 7,
  gen: 3,
  rotatedAt: new Date(now),
  seenGen: 2,
  userAgent: '',
  ip: '',
  createdAt: new Date(now),
  lastUsedAt: new Date(now),
  expiresAt: new Date(now + lifeMs),
  revokedAt: null,
});
