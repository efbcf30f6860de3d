import { useSignal } from '@preact/signals';
import { type Said, Told } from '../../state/view/explain.js';
import { useFailure } from './use-failure.js';

/** Runs one action at a time, and says in the present language how it ended. `act` resolves to whether it was done. */
export function useOutcomeIn<T>(texts: T, explain: (error: unknown) => string) {
  const busy = useSignal(false);
  const said = useSignal<Said<T> | null>(null);
  const failure = useFailure((error) =>
    error instanceof Told ? error.say(texts) : explain(error),
  );
  const act = async (work: () => Promise<unknown>, say: Said<T> | null = null) => {
    if (busy.value) return false;
    busy.value = true;
    said.value = null;
    failure.clear();
    try {
      await work();
      said.value = say;
      return true;
    } catch (error) {
      failure.set(error);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, done: said.value?.(texts) ?? null, error: failure.text, act };
}
