import { useSignal } from '@preact/signals';
import { useApp } from '../../state/app.js';

/** Runs one action at a time, and shows its outcome. */
export function useAct() {
  const { explain } = useApp();
  const busy = useSignal(false);
  const done = useSignal<string | null>(null);
  const error = useSignal<string | null>(null);
  const act = async (work: () => Promise<void>, said: string | null): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    done.value = null;
    error.value = null;
    try {
      await work();
      done.value = said;
    } catch (reason) {
      error.value = explain(reason);
    }
    busy.value = false;
  };
  return { busy, done, error, act };
}
