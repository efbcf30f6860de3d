import { expect } from 'chai';
import { DatabaseError } from 'sequelize';
import { sqlStateOf } from '../../../src/adapters/postgres/sql/errors.js';

const errorWith = (code: string) => Object.assign(new Error('refused'), { code, sql: '' });

describe('The SQLSTATE of an error', () => {
  it('is that of the driver, also below an error of Sequelize', () => {
    for (const code of ['23503', '57P01', 'XX000', '3F000']) {
      const error = errorWith(code);
      expect([error, new DatabaseError(error)].map(sqlStateOf)).to.deep.equal([code, code]);
    }
  });

  it('is empty for an error of the system', () => {
    for (const code of ['EPIPE', 'ECONNRESET']) {
      expect(sqlStateOf(new DatabaseError(errorWith(code)))).to.equal('');
    }
    expect(sqlStateOf(new Error('refused'))).to.equal('');
    expect(sqlStateOf(null)).to.equal('');
  });
});
