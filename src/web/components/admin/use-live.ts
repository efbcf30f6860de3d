import { useEffect } from 'preact/hooks';

/** Calls `look` again and again while the page is in sight, and at once when it comes back into sight. */
export function useLive(look: () => void, everyMs: number): void {
  useEffect(() => {
    const seen = () => {
      if (!document.hidden) look();
    };
    const timer = setInterval(seen, everyMs);
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [look, everyMs]);
}
