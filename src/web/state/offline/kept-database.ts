import { deleteDB } from 'idb';
import { type Database, openDatabase } from './database.js';
import { DATABASE } from './left-copies.js';

/** The errors of a connection that has been closed, or of a database that was damaged or removed. */
const LOST = new Set(['InvalidStateError', 'UnknownError', 'AbortError']);

/** The database of the copies, opened when it is first used, and again after its connection was lost. */
export interface KeptDatabase {
  /** Rejects as `work` does, and where nothing can be kept. `work` runs a second time after a lost connection. */
  use<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** Removes everything, of all users. */
  remove(): Promise<void>;
}

export function createKeptDatabase(): KeptDatabase {
  let opening: Promise<Database> | null = null;
  const open = (): Promise<Database> => {
    if (opening !== null) return opening;
    const drop = () => {
      if (opening === own) opening = null;
    };
    const own = openDatabase(drop);
    opening = own;
    own.catch(drop);
    return own;
  };
  /** A connection that failed may still be half alive. */
  const close = async (): Promise<void> => {
    const own = opening;
    opening = null;
    await own?.then((database) => database.close()).catch(() => undefined);
  };
  return {
    use: async (work) => {
      try {
        return await work(await open());
      } catch (error) {
        if (!(error instanceof DOMException) || !LOST.has(error.name)) throw error;
        await close();
        return work(await open());
      }
    },
    remove: async () => {
      await close();
      await deleteDB(DATABASE);
    },
  };
}
