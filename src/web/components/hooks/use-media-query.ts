import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

/** A focused field opens a keyboard over half of the page on these devices. */
export const ON_TOUCH = '(hover: none) and (pointer: coarse)';

export function useMediaQuery(query: string): ReadonlySignal<boolean> {
  const list = useMemo(() => matchMedia(query), [query]);
  const matches = useSignal(list.matches);
  useEffect(() => {
    const changed = () => {
      matches.value = list.matches;
    };
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  }, [list]);
  return matches;
}
