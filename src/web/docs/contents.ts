import { idIn } from './fragment.js';
/** The list of contents: a drawer on phones, and a mark at what is being read. */
export function startContents(page: Document): { close(): void } {
  const list = page.querySelector<HTMLElement>('.contents');
  const menu = page.querySelector<HTMLElement>('.menu');
  const open = (isOpen: boolean): void => {
    list?.toggleAttribute('data-open', isOpen);
    if (menu) menu.ariaExpanded = String(isOpen);
  };
  menu?.addEventListener('click', () => open(!list?.hasAttribute('data-open')));
  list?.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('a')) open(false);
  });
  page.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    // A hidden element cannot keep the focus.
    if (list?.hasAttribute('data-open') && list.contains(page.activeElement)) menu?.focus();
    open(false);
  });
  if (list) markRead(page, list);
  return { close: () => open(false) };
}

/** Marks the entry at the top of the window, and keeps its link in sight. */
function markRead(page: Document, list: HTMLElement): void {
  const links = new Map([...list.querySelectorAll('a')].map((link) => [idIn(link.hash), link]));
  let marked: Element | undefined;
  const mark = (id: string): void => {
    const link = links.get(id);
    if (!link || link === marked) return;
    marked?.removeAttribute('aria-current');
    link.setAttribute('aria-current', 'true');
    marked = link;
    const { top, bottom } = link.getBoundingClientRect();
    const frame = list.getBoundingClientRect();
    if (top < frame.top || bottom > frame.bottom) link.scrollIntoView({ block: 'center' });
  };
  const target = (): string => idIn(location.hash);
  const isAtTop = (id: string): boolean => {
    const top = page.getElementById(id)?.getBoundingClientRect().top;
    return top !== undefined && top > 0 && top < innerHeight / 2;
  };
  addEventListener('hashchange', () => mark(target()));
  const watch = new IntersectionObserver(
    (entries) => {
      const seen = entries.find(({ isIntersecting }) => isIntersecting);
      // Two sides of an entry are at the same height: the one whose link was followed counts.
      if (seen) mark(isAtTop(target()) ? target() : seen.target.id);
    },
    { rootMargin: '-15% 0px -75%' },
  );
  for (const id of links.keys()) {
    const place = page.getElementById(id);
    if (place && !place.classList.contains('topic')) watch.observe(place);
  }
}
