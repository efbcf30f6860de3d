/** localStorage that does not throw when it is full or forbidden, or contains invalid data. */
export interface Storage {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(prefix: string): string[];
}

export function createStorage(area: () => globalThis.Storage): Storage {
  const attempt = <T>(work: (store: globalThis.Storage) => T, otherwise: T): T => {
    try {
      return work(area());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => attempt((store) => store.getItem(key), null),
    set: (key, value) => attempt((store) => store.setItem(key, value), undefined),
    remove: (key) => attempt((store) => store.removeItem(key), undefined),
    keys: (prefix) =>
      attempt((store) => Object.keys(store).filter((key) => key.startsWith(prefix)), []),
  };
}

/** Null if it is absent or not JSON. */
export function readJson(storage: Storage, key: string): unknown {
  try {
    return JSON.parse(storage.get(key) ?? 'null');
  } catch {
    return null;
  }
}
