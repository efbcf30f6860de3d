const QUIET_MS = 300;
const MOST_MS = 8_000;

/** Resolves once a part of the page has its formats, colours and fonts: when nothing in it has changed for a moment. */
export async function settled(element: HTMLElement | null): Promise<void> {
  if (element === null) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      observer.disconnect();
      clearTimeout(quiet);
      clearTimeout(most);
      resolve();
    };
    let quiet = setTimeout(end, QUIET_MS);
    const most = setTimeout(end, MOST_MS);
    const observer = new MutationObserver(() => {
      clearTimeout(quiet);
      quiet = setTimeout(end, QUIET_MS);
    });
    observer.observe(element, { subtree: true, childList: true, characterData: true });
  });
  await document.fonts.ready;
}
