import { render } from 'preact';
import { AppView } from './components/page/app-view.js';
import { type Boot, createApp } from './state/app.js';

/** Shows the page. */
export function start(boot: Boot): void {
  const root = document.getElementById('app');
  if (root !== null) render(<AppView app={createApp(boot)} />, root);
}
