import { expect } from 'chai';
import { pino } from 'pino';
import type { Refusal } from '../../../src/domain/nodes/node-admission.js';
import { RefusalLog } from '../../../src/domain/nodes/refusal-log.js';

const WARNING = 40;
const ERROR = 50;

describe('The log of why a node does not serve', () => {
  let now: number;
  let told: [level: number, reason: string][];
  let log: RefusalLog;

  beforeEach(() => {
    now = 0;
    told = [];
    const write = (line: string) => {
      const { level, reason } = JSON.parse(line);
      told.push([level, reason]);
    };
    log = new RefusalLog(pino({ level: 'trace' }, { write }), () => now);
  });

  const hold = (refusal: Refusal, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      log.take(refusal);
      now += 1_000;
    }
  };

  for (const kind of ['apart', 'copy'] as const) {
    const refusal: Refusal = { kind, reason: kind };

    it(`warns that nodes seem ${kind}, and makes it an error when every heartbeat has been written anew`, () => {
      hold(refusal, 15);
      expect(told).to.deep.equal([[WARNING, kind]]);
      log.take(refusal);
      expect(told).to.deep.equal([
        [WARNING, kind],
        [ERROR, kind],
      ]);
    });

    it(`begins to count anew when nodes ceased to seem ${kind} in between`, () => {
      hold(refusal, 14);
      log.take(null);
      hold(refusal, 14);
      expect(told.map(([level]) => level)).to.deep.equal([WARNING, WARNING]);
    });
  }

  for (const kind of ['alone', 'renamed'] as const) {
    it(`has an error at once when a node is ${kind}, which no late heartbeat explains`, () => {
      log.take({ kind, reason: kind });
      expect(told).to.deep.equal([[ERROR, kind]]);
    });
  }

  it('repeats an error once a minute', () => {
    hold({ kind: 'alone', reason: 'x' }, 61);
    expect(told).to.have.length(2);
  });
});
