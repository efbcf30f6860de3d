import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { createPasswordHasher } from '../../../src/adapters/bcrypt/password-hasher.js';
import { PasswordUpgrades } from '../../../src/domain/accounts/password-upgrades.js';

const USER = {
  id: 7,
  email: 'ada@example.com',
  username: 'ada',
  roles: [],
  is_active: true,
  created_at: '2026-01-01T00:00:00.000Z',
};

describe('an upgrade of a password hash', () => {
  it('that fails costs nobody anything but a line in the log, without the password', async () => {
    const hasher = createPasswordHasher({ cost: 5 });
    const cheap = createPasswordHasher({ cost: 4 });
    const passwordHash = await cheap.hash('SecurePass123!');
    await Promise.all([cheap.stop(), hasher.stop()]);
    const log = new PassThrough();
    const line = once(log, 'data');
    const db = { users: null as never };
    const upgrades = new PasswordUpgrades({ db, hasher, logger: pino(log) });
    upgrades.consider({ user: USER, passwordHash }, 'SecurePass123!');
    const text = String((await line)[0]);
    expect(text).to.include('password hash not upgraded').and.not.include('SecurePass123!');
  });
});
