import { expect } from 'chai';
import { Described } from '../../../lab/people/described.js';

const USER = {
  id: 1,
  email: 'ada@example.com',
  username: 'ada',
  roles: ['user'],
  is_active: true,
  created_at: '2026-01-01T00:00:00.000Z',
};
const ENDED = { code: 'session_revoked' };
const PROBLEM = {
  type: 'urn:parley:error:not_found',
  ...{ title: 'Not Found', status: 404, detail: 'It does not exist.', code: 'not_found' },
  ...{ retryable: false, request_id: 'r' },
};

describe('The judgement by the references', () => {
  let references: Described;

  before(async () => {
    references = await Described.read();
  });

  const user = (body: object) => references.answer('GET /users/me', 200, 'application/json', body);
  const problem = (name: string, status: number, body: object) =>
    references.answer(name, status, 'application/problem+json', body);

  it('accepts what they tell', () => {
    expect(user(USER)).to.equal(null);
    expect(problem('GET /agent/messages/:id', 404, PROBLEM)).to.equal(null);
    expect(references.event('session:ended', ENDED)).to.equal(null);
    expect(references.ack('generation:stop', { ok: true, data: { status: 'stopped' } })).to.equal(
      null,
    );
    expect(references.streamed('reset', { attempt: 2 })).to.equal(null);
  });

  it('finds a field that they do not tell, one that is missing and one of another type', () => {
    expect(user({ ...USER, password_hash: 'x' })).to.include('additional properties');
    expect(user({ ...USER, roles: undefined })).to.include('required');
    expect(user({ ...USER, id: 1.5 })).to.include('integer');
    expect(user({ ...USER, created_at: 'today' })).to.include('date-time');
  });

  it('finds a status, a type and a code that they do not tell', () => {
    expect(references.answer('GET /users/me', 201, 'application/json', USER)).to.include('201');
    expect(references.answer('GET /users/me', 200, 'text/html', USER)).to.include('text/html');
    expect(problem('GET /users/me', 404, PROBLEM)).to.include('404');
    const other = { ...PROBLEM, code: 'email_taken' };
    expect(problem('GET /agent/messages/:id', 404, other)).to.include('allowed values');
  });

  it('finds an event, an ack or a code of an ack that is otherwise', () => {
    expect(references.event('session:ended', { ...ENDED, token: 'x' })).to.include('additional');
    expect(references.streamed('reset', {})).to.include('required');
    const error = { code: 'email_taken', message: 'Taken.', retryable: false };
    expect(references.ack('generation:stop', { ok: false, error })).to.not.equal(null);
    const known = { ...error, code: 'not_found' };
    expect(references.ack('generation:stop', { ok: false, error: known })).to.equal(null);
  });
});
