import { CANDIDATES, CLAIM } from '../../src/adapters/postgres/queue/claim-statements.js';
import {
  ASK_FACTS,
  DELETE,
  FINISH,
  RENEW,
  TAKE_UNANNOUNCED,
} from '../../src/adapters/postgres/queue/generation-statements.js';
import { POSITIONS } from '../../src/adapters/postgres/queue/position-statements.js';

/** Runs a statement as a measurement with that name. */
export type Ask = <T>(name: string, sql: string, bind: unknown[]) => Promise<T[]>;

/** The work of a scheduler, in one transaction that is rolled back. */
export type Work = (ask: Ask) => Promise<void>;

interface Row {
  id: number;
  message_id: number;
  attempt: number;
  claim: string | null;
}

const LEASE_MS = 5_000;
const NODE = 'bench';
/** The state while one of several models is paused. */
const PAUSED = ['paused-model'];
const ROOM_FOR_STOPS = 50;

/** Runs without being measured. */
const rows = (ask: Ask, where: string) =>
  ask<Row>('', `SELECT id, message_id, attempt, claim FROM generations WHERE ${where}`, []);

async function claim(ask: Ask, name: string, ids: unknown[], perUser: number) {
  if (ids.length > 0)
    await ask(`${name}: CLAIM`, CLAIM, [ids, true, perUser, NODE, LEASE_MS, PAUSED]);
}

export const poll =
  (perUser: number, room: number): Work =>
  async (ask) => {
    const name = `poll, room ${room}`;
    const found = await ask<Row>(`${name}: CANDIDATES`, CANDIDATES, [
      true,
      perUser,
      room,
      room,
      PAUSED,
      ROOM_FOR_STOPS,
    ]);
    await claim(
      ask,
      name,
      found.map(({ id }) => id),
      perUser,
    );
  };

/** The claim of a node with room, in the transaction of a send. */
export const claimInSend =
  (perUser: number): Work =>
  async (ask) => {
    const [first] = await rows(ask, `state = 'queued' ORDER BY id LIMIT 1`);
    await claim(ask, 'send', first ? [first.id] : [], perUser);
  };

export const pending: Work = async (ask) => {
  await ask('send: facts', ASK_FACTS, [1, 'a-client-id', 1, null, false]);
};

export const renew =
  (leases: number): Work =>
  async (ask) => {
    const held = await rows(ask, `node_id = 'n0' AND state = 'running' LIMIT ${leases}`);
    const columns = (['id', 'attempt', 'claim'] as const).map((key) => held.map((row) => row[key]));
    await ask(`renew ${held.length} leases`, RENEW, [...columns, 'n0', LEASE_MS]);
  };

export const takeUnannounced: Work = async (ask) => {
  await ask('take unannounced', TAKE_UNANNOUNCED, [NODE, LEASE_MS, 50]);
};

export const positions =
  (count: number, perUser: number): Work =>
  async (ask) => {
    const asked = await rows(ask, `state = 'queued' ORDER BY id DESC LIMIT ${count}`);
    await ask(`positions of ${asked.length}`, POSITIONS, [
      asked.map(({ message_id }) => message_id),
      perUser,
    ]);
  };

export const finish: Work = async (ask) => {
  const [one] = await rows(ask, `state = 'running' LIMIT 1`);
  const outcome = [
    'completed',
    'text '.repeat(200),
    40,
    'stop',
    null,
    null,
    12,
    '',
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    'answer.completed',
    false,
    null,
  ];
  await ask('finish', FINISH, [one?.id, one?.attempt, one?.claim, ...outcome]);
  await ask('delete', DELETE, [[one?.id]]);
};
