/** Loads code that was not needed before. */
export type LoadPart = <T>(load: () => Promise<T>) => Promise<T>;
