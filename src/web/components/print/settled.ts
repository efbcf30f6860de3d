import type { Formatting } from '../../markdown/formatting.js';

const QUIET_MS = 300;
const MOST_MS = 8_000;

/**
 * Resolves once a part of the page has its formats, colours and fonts: when their code is there, and nothing has changed
 * for a moment. Without them after some seconds.
 */
export async function settled(
  element: HTMLElement,
  { loaded }: Pick<Formatting, 'loaded'>,
): Promise<void> {
  let isLate = false;
  const late = new Promise<boolean>((resolve) => {
    setTimeout(() => {
      isLate = true;
      resolve(false);
    }, MOST_MS);
  });
  let isChanging = true;
  while (isChanging && !isLate) {
    await Promise.race([quiet(element), late]);
    // What was loaded shows up in the next moment.
    isChanging = await Promise.race([loaded(), late]);
  }
  await document.fonts.ready;
}

/** Resolves when nothing in `element` has changed for a moment. */
function quiet(element: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      observer.disconnect();
      resolve();
    };
    let timer = setTimeout(end, QUIET_MS);
    const observer = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(end, QUIET_MS);
    });
    observer.observe(element, { subtree: true, childList: true, characterData: true });
  });
}
