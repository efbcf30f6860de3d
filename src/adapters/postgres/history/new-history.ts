import type { PatientClient } from '../sql/driver.js';
import type { Sighting, Witness } from './sighting.js';

/** The lost claims of an unfinished answer cannot have raised its attempt by more. */
const ATTEMPTS_AHEAD = 1_000;

/**
 * Ids continue at the time in ms, or a million above the last known one if that is higher. No id that was given out
 * and lost is used again, however often the data go back. Covers all tables in the schema of `deployment`.
 */
const MOVE_SEQUENCES = `
  SELECT setval(s.seqrelid::regclass, least(s.seqmax, greatest(
    coalesce(pg_sequence_last_value(s.seqrelid::regclass), 0) + 1000000,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)))
  FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_depend p ON p.objid = s.seqrelid AND p.classid = 'pg_class'::regclass AND p.deptype = 'i'
  WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'deployment'::regclass)`;

/** Existing claims stay with their owners, which continue. */
const RAISE_ATTEMPTS = `
  UPDATE generations SET attempt_floor = greatest(attempt, attempt_floor) + ${ATTEMPTS_AHEAD} WHERE state <> 'finished'`;

/** Binds: number to exceed, location. */
const BEGIN_NEXT = `
  UPDATE deployment SET history = greatest(history, $1::integer) + 1, history_id = gen_random_uuid(), place = $2, began_at = now()`;

/** Binds: location. */
const BEGIN_FIRST = 'UPDATE deployment SET place = $1';

/**
 * Begins the history that follows the one of `seen`, before any other statement on this connection. It begins once,
 * however many nodes have the same sighting. `above`: the highest known number of a history.
 */
export async function beginHistory(
  client: PatientClient,
  witness: Witness,
  seen: Sighting,
  above: number,
): Promise<Sighting> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT 1 FROM deployment FOR UPDATE');
    const now = await witness.sight(client);
    if (now.id === seen.id && now.recorded === seen.recorded) await begin(client, now, above);
    await client.query('COMMIT');
  } catch (error) {
    client.drop();
    throw error;
  }
  return witness.sight(client);
}

async function begin(client: PatientClient, { recorded, location }: Sighting, above: number) {
  // The first release that looks finds nothing to compare with.
  if (recorded === '') {
    await client.query(BEGIN_FIRST, [location]);
    return;
  }
  await client.query(MOVE_SEQUENCES);
  await client.query(RAISE_ATTEMPTS);
  await client.query(BEGIN_NEXT, [above, location]);
}
