import { useApp } from '../../state/app.js';
import { useOutcomeIn } from '../hooks/use-outcome.js';

/** Runs one action after another, and says how they ended. */
export function useAct() {
  const { preferences, explain } = useApp();
  return useOutcomeIn(preferences.texts.value, explain);
}
