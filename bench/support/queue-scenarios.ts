import type { QueueShape } from '../../lab/stores/queue.js';
import * as work from '../../lab/stores/queue-work.js';

export interface Scenario {
  shape: QueueShape;
  works: work.Work[];
  /** The facts that the planner knows; by default all. */
  statistics?: 'none' | 'of an empty queue';
  /** Uses plans that do not know the bound values. */
  generic?: boolean;
}

/** Answers running at once per user. */
const CAP = 5;

/** 10,000 waiting and 100,000 finished at scale 1. Finished ones are normally deleted at once. */
export function scenarios(scale: number): Record<string, Scenario> {
  const users = 1_000 * scale;
  const base = { finished: 100_000 * scale, waiting: 10_000 * scale, expired: 0 };
  const spread = { ...base, users, conversations: 5 * users };
  const usual = { ...spread, running: 300 * scale, expired: 20 * scale };
  const idle = { ...usual, waiting: 0, expired: 0 };
  const polls = [work.poll(CAP, 1), work.poll(CAP, 50)];
  const line = [work.positions(1, CAP), work.positions(100, CAP)];
  const send = [work.claimInSend(CAP), work.pending];
  return {
    queue: { shape: usual, works: [...polls, ...send, work.renew(100), ...line, work.finish] },
    'all users at their cap': {
      shape: { ...spread, running: 2 * users },
      works: [work.poll(2, 50), work.positions(100, 2)],
    },
    'all conversations busy': {
      shape: { ...base, users, conversations: users, running: users, behind: true },
      works: [work.poll(CAP, 50), work.positions(100, CAP)],
    },
    'one user at the cap': {
      shape: { ...base, users: 1, conversations: 5 * users, running: CAP },
      works: [work.poll(CAP, 50), work.positions(100, CAP)],
    },
    'nothing waits': { shape: idle, works: [work.poll(CAP, 50), work.takeUnannounced] },
    'all finished are due': {
      shape: { ...idle, unannounced: true },
      works: [work.takeUnannounced],
    },
    'no statistics': { shape: usual, works: [...polls, ...line], statistics: 'none' },
    'statistics of an empty queue': {
      shape: usual,
      works: [...polls, ...line],
      statistics: 'of an empty queue',
    },
    'generic plans': { shape: usual, works: [...polls, ...line], generic: true },
  };
}
