import type { App } from '../../state/app.js';

/** Goes to the field that searches, which may lie in the drawer. */
export function searchList({ screen }: App): void {
  screen.drawer.open();
  requestAnimationFrame(() => document.getElementById('search')?.focus());
}
