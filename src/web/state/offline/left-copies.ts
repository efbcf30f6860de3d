/** The database in which a browser keeps its user's conversations. */
export const DATABASE = 'parley-offline';

/** Removes what a page left behind that was closed while it logged out. Call it when nobody is logged in. */
export function removeLeftCopies(): void {
  try {
    indexedDB.deleteDatabase(DATABASE);
  } catch {
    // A browser that allows no database has none.
  }
}
