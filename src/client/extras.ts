/** Parts that not every client needs. */
export { LIMITS } from '../contract/limits.js';
export { matchesReceipt } from './conversation/receipt.js';
export { keptOutbox, type TextStorage } from './outbox/kept-outbox.js';
export { shareRefresh, type Tabs } from './rest/shared-refresh.js';
