import { expect } from 'chai';
import { pino } from 'pino';
import { Erasure } from '../../../src/domain/erasure.js';
import { unavailable } from '../../../src/entities/errors.js';
import { type Removal, RemovalFailed } from '../../../src/ports/repositories/removals.js';

type Asked = [rows: number, except: readonly Removal[]];

describe('Erasure', () => {
  const logger = pino({ level: 'silent' });
  const bad: Removal = { kind: 'conversation', id: 7 };
  const tooSlow = () => new RemovalFailed(bad, unavailable(new Error('statement time-out')));
  const refused = () => new RemovalFailed(bad, new Error('a trigger says no'));

  /** Replies one after another; then nothing is left. */
  const run = async (...answers: (Error | true)[]): Promise<Asked[]> => {
    const asked: Asked[] = [];
    let erasure: Erasure | null = null;
    const over = new Promise<void>((resolve) => {
      const erase = async (rows: number, except: readonly Removal[]) => {
        asked.push([rows, [...except]]);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        if (!answer) resolve();
        return answer ?? false;
      };
      erasure = new Erasure({ erase }, logger);
      erasure.kick();
    });
    await over;
    await (erasure as Erasure | null)?.stop();
    return asked;
  };
  const rowsOf = (asked: Asked[]) => asked.map(([rows]) => rows);

  it('goes on with more rows at a time, up to a bound, while that is quick', async () => {
    expect(rowsOf(await run(true, true))).to.deep.equal([500, 500, 500]);
  });

  it('takes fewer rows when a batch takes too long, and more again when one does not', async () => {
    const asked = await run(tooSlow(), tooSlow(), true, true, true, true, true);
    expect(rowsOf(asked)).to.deep.equal([500, 125, 31, 62, 124, 248, 496, 500]);
    expect(asked.map(([, except]) => except)).to.deep.equal(asked.map(() => []));
  });

  it('leaves one alone that takes too long with the fewest rows', async () => {
    const asked = await run(tooSlow(), tooSlow(), tooSlow(), tooSlow(), true);
    expect(rowsOf(asked)).to.deep.equal([500, 125, 31, 10, 10, 20]);
    expect(asked.map(([, except]) => except)).to.deep.equal([[], [], [], [], [bad], [bad]]);
  });

  it('leaves one alone at once that cannot be erased, and erases the others', async () => {
    const other: Removal = { kind: 'user', id: 7 };
    const asked = await run(refused(), new RemovalFailed(other, new Error('no')), true);
    expect(asked).to.deep.equal([
      [500, []],
      [500, [bad]],
      [500, [bad, other]],
      [500, [bad, other]],
    ]);
  });

  it('waits for the next occasion when Postgres does not say what is to be erased', async () => {
    let asked = 0;
    let fail = () => {};
    const failing = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const erasure = new Erasure(
      {
        async erase() {
          asked += 1;
          if (asked > 1) return false;
          await failing;
          throw unavailable(new Error('away'));
        },
      },
      logger,
    );
    erasure.kick();
    fail();
    await new Promise(setImmediate);
    expect(asked).to.equal(1);
    erasure.kick();
    await erasure.stop();
    expect(asked).to.equal(2);
  });

  it('looks once more when something was marked while it looked, and never after its stop', async () => {
    let asked = 0;
    const erasure = new Erasure(
      {
        async erase() {
          asked += 1;
          await Promise.resolve();
          if (asked === 1) erasure.kick();
          return false;
        },
      },
      logger,
    );
    erasure.kick();
    await new Promise(setImmediate);
    expect(asked).to.equal(2);
    await erasure.stop();
    erasure.kick();
    expect(asked).to.equal(2);
  });
});
