import { useSignal } from '@preact/signals';
import { useApp } from '../../state/app.js';

/** Keeps the reason of a failure, and says it in the present language. */
export function useFailure(explain: (error: unknown) => string = useApp().explain) {
  const failure = useSignal<{ error: unknown } | null>(null);
  return {
    text: failure.value === null ? null : explain(failure.value.error),
    set: (error: unknown) => {
      failure.value = { error };
    },
    clear: () => {
      failure.value = null;
    },
  };
}
