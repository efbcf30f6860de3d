import { isComposing } from '../components/controls/is-composing.js';
import { idIn } from './fragment.js';

/** An entry with everything that can be found in it. */
interface Found {
  element: HTMLElement;
  text: string;
  links: HTMLElement[];
}

const WORDS = '.path, h3, .said, .field dt code, .errors dt code';

function entriesOf(page: Document): Found[] {
  return [...page.querySelectorAll<HTMLElement>('.entry, #errors .field')].map((element) => {
    const ids = [element.id, ...[...element.querySelectorAll('[id]')].map(({ id }) => id)];
    const texts = [...element.querySelectorAll(WORDS)].map(({ textContent }) => textContent);
    const title = element.matches('.field') ? [element.querySelector('dt')?.textContent] : [];
    const links = ids.flatMap((id) => [
      ...page.querySelectorAll<HTMLElement>(`.contents a[href="#${CSS.escape(id)}"]`),
    ]);
    return { element, text: [...ids, ...texts, ...title].join(' ').toLowerCase(), links };
  });
}

/** Hides what has no entry left. */
function tidy(page: Document, shown: ReadonlySet<Element | null>, isSearching: boolean): void {
  for (const part of page.querySelectorAll<HTMLElement>('.topic:not(.begin)'))
    part.hidden = !shown.has(part);
  for (const part of page.querySelectorAll<HTMLElement>('.contents-topic'))
    part.hidden = isSearching && part.querySelector('li:not([hidden])') === null;
  // The title stays, as the only heading of the first level.
  for (const part of page.querySelectorAll<HTMLElement>('.begin > :not(h1)'))
    part.hidden = isSearching;
}

function filter(page: Document, all: readonly Found[], query: string): number {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const fits = new Set(all.filter(({ text }) => words.every((word) => text.includes(word))));
  for (const found of all) {
    const isHidden = !fits.has(found);
    found.element.hidden = isHidden;
    for (const link of found.links) (link.closest('li') ?? link).hidden = isHidden;
  }
  const shown = new Set([...fits].map(({ element }) => element.closest('.topic')));
  tidy(page, shown, words.length > 0);
  return fits.size;
}

const isTyping = ({ target }: Event): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** Shows only the entries that have all words. `/` goes to the search, Escape leaves it, Enter goes to the first. */
export function startSearch(page: Document, closeContents: () => void): void {
  const input = page.querySelector<HTMLInputElement>('.search input');
  const nothing = page.querySelector<HTMLElement>('.nothing-found');
  if (!input || !nothing) return;
  let all: Found[] | undefined;
  const run = (): void => {
    all ??= entriesOf(page);
    closeContents();
    nothing.hidden = filter(page, all, input.value) > 0;
    scrollTo({ top: 0, behavior: 'instant' });
  };
  const clear = (): void => {
    if (input.value === '') return;
    input.value = '';
    run();
  };
  input.addEventListener('input', run);
  input.addEventListener('keydown', (event) => {
    if (isComposing(event)) return;
    const { key } = event;
    if (key === 'Escape') {
      clear();
      input.blur();
    }
    if (key !== 'Enter') return;
    const first = page.querySelector<HTMLAnchorElement>('.contents li:not([hidden]) a');
    if (first) location.hash = first.hash;
  });
  page.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event))
      return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  // A link to an entry that the search hides shows it.
  addEventListener('hashchange', () => {
    const place = page.getElementById(idIn(location.hash));
    if (!place?.closest('[hidden]')) return;
    clear();
    place.scrollIntoView();
  });
}
