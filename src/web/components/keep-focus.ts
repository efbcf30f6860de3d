import { ON_TOUCH } from './use-media-query.js';

/** After the pressed button has disappeared, the keyboard goes on in the message box. Touch would open a keyboard. */
export function keepFocus(): void {
  const focus = () => {
    if (document.activeElement !== document.body || matchMedia(ON_TOUCH).matches) return;
    document.getElementById('composer')?.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(focus));
}
