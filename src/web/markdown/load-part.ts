/** Loads code that is needed only now. */
export type LoadPart = <T>(load: () => Promise<T>) => Promise<T>;
