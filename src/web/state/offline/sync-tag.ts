/** The name under which pages ask the browser to wake the service worker. */
export const SYNC_TAG = 'parley-unsent';
