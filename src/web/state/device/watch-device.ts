import type { ParleyClient } from '../../../client/index.js';
import { stopwatch } from '../../../client/time/stopwatch.js';

/** A page that was hidden for less than this relies on its connection. */
const AWAY_MS = 20_000;
/** The clock of a sleeping page stops. A tick this late means that the page has woken. */
const TICK_MS = 5_000;
const LATE_MS = 15_000;

/** Passes the browser's events to the client: network changes, a page that becomes visible, a device that slept. */
export function watchDevice(client: ParleyClient): () => void {
  let hiddenFor = document.hidden ? stopwatch() : null;
  let ticked = Date.now();
  const wake = () => client.wake();
  const online = () => {
    client.connection.setNetwork(true);
    wake();
  };
  const offline = () => client.connection.setNetwork(false);
  const looked = () => {
    const away = hiddenFor?.() ?? 0;
    hiddenFor = document.hidden ? (hiddenFor ?? stopwatch()) : null;
    if (document.hidden) return;
    if (away >= AWAY_MS) wake();
    else client.connection.nudge();
  };
  const shown = ({ persisted }: PageTransitionEvent) =>
    persisted ? wake() : client.connection.nudge();
  const timer = setInterval(() => {
    const late = Date.now() - ticked > TICK_MS + LATE_MS;
    ticked = Date.now();
    if (late && !document.hidden) wake();
  }, TICK_MS);
  if (!navigator.onLine) offline();
  addEventListener('online', online);
  addEventListener('offline', offline);
  addEventListener('pageshow', shown);
  document.addEventListener('visibilitychange', looked);
  return () => {
    clearInterval(timer);
    removeEventListener('online', online);
    removeEventListener('offline', offline);
    removeEventListener('pageshow', shown);
    document.removeEventListener('visibilitychange', looked);
  };
}
