const PREFIX = 'key:';

/** Stands for a key wherever the id of a session stands. */
export const keySessionId = (keyId: string): string => PREFIX + keyId;

/** The key that this stands for; null: it is the id of a session. */
export const keyIdOf = (sessionId: string): string | null =>
  sessionId.startsWith(PREFIX) ? sessionId.slice(PREFIX.length) : null;
