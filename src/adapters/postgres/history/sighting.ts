import pg from 'pg';
import type { PatientClient } from '../sql/driver.js';

/** A server's description of itself and of the history that it holds. */
export interface Sighting {
  /** Changes when the data continue elsewhere: in another cluster, database, table or timeline. */
  location: string;
  /** WAL written to disk so far, in bytes; 0 if unknown. */
  lsn: number;
  isStandby: boolean;
  /** The location where the history in the table began; empty if none is recorded yet. */
  recorded: string;
  number: number;
  id: string;
  /** The server's clock, in ms since the epoch. */
  timeMs: number;
}

const select = (location: string, lsn: string) => `
  SELECT d.history AS number, d.history_id AS id, d.place AS recorded, pg_is_in_recovery() AS "isStandby",
    ${location} || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || d.tableoid AS location,
    ${lsn} AS lsn, extract(epoch FROM clock_timestamp()) * 1000 AS "timeMs"
  FROM deployment d`;

/** Neither function works on a standby. The first eight digits of a segment's name are its timeline. */
const FULL = select(
  `(pg_control_system()).system_identifier || '/' ||
    CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_flush_lsn()), 8) END`,
  `CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_current_wal_flush_lsn() - '0/0' END`,
);

/** If those functions are not permitted, every start of the server counts as a new location. */
const PLAIN = select(`'started ' || extract(epoch FROM pg_postmaster_start_time())`, '0');

/** Asks servers what they are. A refused statement is not sent again: it would abort a transaction. */
export class Witness {
  #text = FULL;

  /** @throws what `pg` throws */
  async sight(client: PatientClient): Promise<Sighting> {
    try {
      return await ask(client, this.#text);
    } catch (error) {
      if (this.#text === PLAIN || !isRefused(error)) throw error;
      this.#text = PLAIN;
      return ask(client, this.#text);
    }
  }
}

/** The function is not permitted, not there, or not supported by this kind of server. */
const isRefused = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(?:0A000|42501|42883)$/.test(error.code ?? '');

async function ask(client: PatientClient, text: string): Promise<Sighting> {
  const { rows } = await client.query<Sighting>(text);
  if (!rows[0]) throw new Error('the table deployment has lost its row');
  return rows[0];
}
