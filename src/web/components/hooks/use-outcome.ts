import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type Said, Told } from '../../state/view/explain.js';
import { useFailure } from './use-failure.js';

/**
 * Runs one action after another, and says in the present language how they ended: a failure stays beside the success of
 * those that waited behind it. `act` resolves to whether it was done.
 */
export function useOutcomeIn<T>(texts: T, explain: (error: unknown) => string) {
  const busy = useSignal(false);
  const said = useSignal<Said<T> | null>(null);
  const failure = useFailure((error) =>
    error instanceof Told ? error.say(texts) : explain(error),
  );
  const newest = useRef<Promise<unknown> | null>(null);
  const run = async (work: () => Promise<unknown>, say: Said<T> | null) => {
    try {
      await work();
      said.value = say;
      return true;
    } catch (error) {
      failure.set(error);
      return false;
    }
  };
  const act = (work: () => Promise<unknown>, say: Said<T> | null = null): Promise<boolean> => {
    const before = newest.current;
    if (before === null) {
      busy.value = true;
      said.value = null;
      failure.clear();
    }
    const own = (before ?? Promise.resolve())
      .then(() => run(work, say))
      .finally(() => {
        if (newest.current !== own) return;
        newest.current = null;
        busy.value = false;
      });
    newest.current = own;
    return own;
  };
  return { busy, done: said.value?.(texts) ?? null, error: failure.text, act };
}
