import { expect } from 'chai';
import { FloodReport } from '../../../src/gateway/flood/flood-report.js';

interface Line {
  refused: number;
  addresses: number;
  most: string;
}

describe('the report of floods', () => {
  /** Its lines, and a function that resolves when there is one more. */
  const listen = () => {
    const lines: Line[] = [];
    let told = () => {};
    const ignore = () => {};
    const warn = (fields: object) => {
      lines.push(fields as Line);
      told();
    };
    const report = new FloodReport({ debug: ignore, info: ignore, warn, error: ignore }, 20);
    const next = () =>
      new Promise<void>((resolve) => {
        told = resolve;
      });
    return { lines, report, next };
  };

  it('is one line for all that was refused, with the address that most of it came from', async () => {
    const { lines, report, next } = listen();
    const line = next();
    for (let i = 0; i < 5_000; i++) report.note(i % 3 === 0 ? 'few' : 'most');
    await line;
    expect(lines).to.deep.equal([{ refused: 5_000, addresses: 2, most: 'most' }]);
  });

  it('begins anew after each line, and counts so many addresses at most', async () => {
    const { lines, report, next } = listen();
    const first = next();
    report.note('alone');
    await first;
    const second = next();
    for (let i = 0; i < 3_000; i++) report.note(`address ${i}`);
    await second;
    expect(lines.map(({ addresses }) => addresses)).to.deep.equal([1, 1_000]);
    expect(lines[1]?.refused).to.equal(3_000);
  });
});
