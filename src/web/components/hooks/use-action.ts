import { useSignal } from '@preact/signals';
import { useApp } from '../../state/app.js';

/** Runs one call at a time, and reports why it failed. */
export function useAction() {
  const { report } = useApp();
  const busy = useSignal(false);
  const run = (work: () => Promise<unknown>, done: () => void = () => {}) => {
    if (busy.value) return;
    busy.value = true;
    const ended = () => {
      busy.value = false;
    };
    void work()
      .then(() => done())
      .catch(report)
      .finally(ended);
  };
  return { busy: busy.value, run };
}
