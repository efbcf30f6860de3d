import { copyText } from '../copy-text.js';
import { recall } from '../recall.js';
import { remember } from './remember.js';

const KEY = 'parley:docs:example';
const COPIED_MS = 1_500;

/** One language for all examples. Where an example lacks it, its first language is shown. */
function show(page: Document, language: string): void {
  for (const group of page.querySelectorAll<HTMLElement>('.examples')) {
    const has = group.querySelector(`[data-example="${language}"]`) !== null;
    const shown = has ? language : group.dataset.first;
    for (const block of group.querySelectorAll<HTMLElement>('[data-example]'))
      block.toggleAttribute('data-shown', block.dataset.example === shown);
    for (const button of group.querySelectorAll<HTMLElement>('[data-choose]'))
      button.ariaPressed = String(button.dataset.choose === shown);
  }
}

async function copy(button: HTMLElement): Promise<void> {
  const code = button.closest('.examples')?.querySelector('[data-shown] code')?.textContent ?? '';
  if (!(await copyText(code))) return;
  // A second click must not take the word of the first for the button's own label.
  button.dataset.label ??= button.textContent ?? '';
  button.textContent = button.dataset.done ?? '';
  setTimeout(() => {
    button.textContent = button.dataset.label ?? '';
  }, COPIED_MS);
}

/** Replaces the address of the examples by that of this server. */
function showAddress(page: Document): void {
  for (const part of page.querySelector('.begin code')?.childNodes ?? [])
    if (part instanceof Text)
      part.data = part.data.replace('http://localhost:8000', location.origin);
}

/** Choice of a language, and copying. The block that was chosen stays where it was on the screen. */
export function startExamples(page: Document): void {
  showAddress(page);
  show(page, recall(KEY) ?? 'curl');
  page.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button?.dataset.copy !== undefined) void copy(button);
    const language = button?.dataset.choose;
    if (!button || language === undefined) return;
    const before = button.getBoundingClientRect().top;
    remember(KEY, language);
    show(page, language);
    scrollBy({ top: button.getBoundingClientRect().top - before, behavior: 'instant' });
  });
}
