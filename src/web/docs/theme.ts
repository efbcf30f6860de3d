import { recall } from '../recall.js';
import { remember } from './remember.js';

/** The same key as the chat: a choice there holds here, and the other way round. */
const KEY = 'parley:theme';

const isTheme = (value: string | null): value is 'light' | 'dark' =>
  value === 'light' || value === 'dark';

/** Follows the system until somebody chooses. */
export function startTheme(root: HTMLElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const show = (): void => {
    const chosen = recall(KEY);
    root.dataset.theme = isTheme(chosen) ? chosen : dark.matches ? 'dark' : 'light';
    const color = getComputedStyle(root).backgroundColor;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]'))
      meta.content = color;
  };
  show();
  dark.addEventListener('change', show);
  addEventListener('storage', show);
  document.querySelector('.theme')?.addEventListener('click', () => {
    remember(KEY, root.dataset.theme === 'dark' ? 'light' : 'dark');
    show();
  });
}
