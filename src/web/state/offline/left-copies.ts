/** Where a browser keeps its user's conversations. */
export const DATABASE = 'parley-offline';

/** For a page on which nobody is logged in: removes what a page left behind that was closed while it logged out. */
export function removeLeftCopies(): void {
  try {
    indexedDB.deleteDatabase(DATABASE);
  } catch {
    // A browser that allows no database has none.
  }
}
