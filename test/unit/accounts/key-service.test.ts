import { expect } from 'chai';
import { KeyService, type KeyServiceDeps } from '../../../src/domain/accounts/key-service.js';
import { AppError } from '../../../src/entities/errors.js';

const NOW = Date.parse('2026-01-01T00:00:00.250Z');
const ACTOR = { userId: 7, sessionId: 's', ip: '', userAgent: '', permissions: new Set<never>() };

/** Whether a key with this end gets as far as the database, or the rule that refuses it. */
async function endOf(expires_at: string): Promise<string> {
  const deps = {
    db: { transaction: () => Promise.reject(new Error('stored')) },
    now: () => NOW,
  } as unknown as KeyServiceDeps;
  const made = new KeyService(deps).create(ACTOR, { name: 'a key', expires_at });
  return made.then(
    () => 'made',
    (error: Error) =>
      error instanceof AppError ? (error.details('en')?.[0]?.rule ?? error.code) : error.message,
  );
}

describe('The end of a key', () => {
  it('lies in the future, by the clock that all nodes share', async () => {
    expect(await endOf(new Date(NOW - 1).toISOString())).to.equal('time.past');
    expect(await endOf(new Date(NOW).toISOString())).to.equal('time.past');
    expect(await endOf(new Date(NOW + 1).toISOString())).to.equal('stored');
  });

  it('is written with four digits of the year', async () => {
    expect(await endOf('9999-12-31T23:59:59.999Z')).to.equal('stored');
    expect(await endOf('+010000-01-01T00:00:00.000Z')).to.equal('string.isoDate');
  });
});
