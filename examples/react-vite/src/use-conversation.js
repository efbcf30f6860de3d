import { useEffect, useState, useSyncExternalStore } from 'react';

/**
 * The live state of a conversation (`messages`, `phase`, `error`, ...); null until it is there, and for the id null.
 * Running answers grow in the `content` of their message. Lost connections, new attempts and other devices' changes
 * need no code: the store repairs itself.
 */
export function useConversation(client, id) {
  const [state, setState] = useState(null);
  useEffect(() => {
    if (id === null) return;
    const store = client.open(id);
    setState(store.state);
    const unsubscribe = store.subscribe(setState);
    return () => {
      unsubscribe();
      client.close(id);
    };
  }, [client, id]);
  return state?.id === id ? state : null;
}

/** `{state, code}` of the connection. */
export const useConnection = ({ connection }) =>
  useSyncExternalStore(
    (changed) => connection.subscribe(changed),
    () => connection.status,
  );
