import type { PatientClient } from '../sql/driver.js';
import type { Sighting, Witness } from './sighting.js';

/** Above every number that an unfinished answer's lost claims can have had. */
const ATTEMPTS_AHEAD = 1_000;

/**
 * Ids go on at the time in ms, and a million above the last that is known: so never below one that was given out and
 * lost, however often the data go back. Of all tables beside `deployment`.
 */
const MOVE_SEQUENCES = `
  SELECT setval(s.seqrelid::regclass, least(s.seqmax, greatest(
    coalesce(pg_sequence_last_value(s.seqrelid::regclass), 0) + 1000000,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)))
  FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_depend p ON p.objid = s.seqrelid AND p.classid = 'pg_class'::regclass AND p.deptype = 'i'
  WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'deployment'::regclass)`;

/** Who runs goes on: a claim that is there is not taken from its owner. */
const RAISE_ATTEMPTS = `
  UPDATE generations SET attempt_floor = greatest(attempt, attempt_floor) + ${ATTEMPTS_AHEAD} WHERE state <> 'finished'`;

/** Binds: a number that it must exceed, place. */
const BEGIN_NEXT = `
  UPDATE deployment SET history = greatest(history, $1::integer) + 1, history_id = gen_random_uuid(), place = $2, began_at = now()`;

/** Binds: place. */
const BEGIN_FIRST = 'UPDATE deployment SET place = $1';

/**
 * Begins the history that follows the one of `seen`, before anything else is asked on this connection; once, however
 * many nodes come with the same sighting. `above`: the number of the highest history that is known.
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

async function begin(client: PatientClient, { recorded, place }: Sighting, above: number) {
  // The first release that looks finds nothing to compare with.
  if (recorded === '') {
    await client.query(BEGIN_FIRST, [place]);
    return;
  }
  await client.query(MOVE_SEQUENCES);
  await client.query(RAISE_ATTEMPTS);
  await client.query(BEGIN_NEXT, [above, place]);
}
