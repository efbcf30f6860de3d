import { expect } from 'chai';
import { linesOf } from '../../../scripts/page-lines.js';

const SOURCE = `import { other } from './other.js';

const PLAIN = 5;

export function run(value: number): number {
  if (value > PLAIN) {
    return other(value);
  }
  return value;
}

export function leftOut(): void {
  other(1);
}
`;

describe('The lines of the page that a browser executed', () => {
  it('are those that the bundle has, the others as the line above, and none of code that it left out', () => {
    const hits = new Map([
      [4, 2],
      [5, 2],
      [6, 0],
      [8, 2],
    ]);
    expect(linesOf('src/web/some.ts', SOURCE, hits)).to.deep.equal([
      ...[1, 1, 1, 1],
      ...[2, 2, 0, 0, 2, 2],
      1,
      ...[0, 0, 0],
      1,
    ]);
  });
});
