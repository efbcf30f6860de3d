import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../../state/app.js';

interface Props {
  hasMore: boolean;
  loading: boolean;
  /** The last try failed. */
  failed: boolean;
  /** Changes with the listed entries: if the end of the next page is still in view, the page after it is read, too. */
  count: number;
  onMore(): void;
}

/** How far from its end a list reads on. */
const NEAR_PX = 600;

/** Reads the next page of a list when its end comes near. */
export const NearEnd = ({ hasMore, loading, failed, count, onMore }: Props) => {
  const texts = useApp().preferences.texts.value;
  const ref = useRef<HTMLDivElement>(null);
  const reads = hasMore && !loading && !failed;
  useEffect(() => {
    const end = ref.current;
    if (end === null || !reads) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) onMore();
      },
      { root: end.closest('.conversations'), rootMargin: `${NEAR_PX}px 0px` },
    );
    observer.observe(end);
    return () => observer.disconnect();
  }, [reads, count]);
  if (!hasMore) return null;
  return (
    <div class="near-end" ref={ref}>
      {failed && !loading ? (
        <button type="button" class="quiet-button load-more" onClick={onMore}>
          {texts.retry}
        </button>
      ) : (
        <>
          <span class="skeleton" aria-hidden="true" />
          <span class="visually-hidden" role="status">
            {loading ? texts.list.loading : ''}
          </span>
        </>
      )}
    </div>
  );
};
