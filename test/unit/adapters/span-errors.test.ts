import { expect } from 'chai';
import { errorTypeOf } from '../../../src/adapters/opentelemetry/attempt.js';
import { AppError } from '../../../src/entities/errors.js';

describe('The type of an error in a span', () => {
  it('is its code, or its name if it has none that says anything', () => {
    const types: [unknown, string][] = [
      [Object.assign(new Error('cut'), { code: 'ECONNRESET' }), 'ECONNRESET'],
      [new AppError('quota_exceeded'), 'quota_exceeded'],
      [new DOMException('late', 'TimeoutError'), 'TimeoutError'],
      [new RangeError('far'), 'RangeError'],
      ['a text', 'unknown'],
    ];
    for (const [error, type] of types) expect(errorTypeOf(error)).to.equal(type);
  });
});
