import { useLayoutEffect } from 'preact/hooks';

/** The browser does it by itself, without a layout of the page for each key. */
const GROWS = CSS.supports('field-sizing', 'content');

export function useAutosize(area: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null || GROWS) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
}
