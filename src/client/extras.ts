/** What not every client needs. */
export { LIMITS } from '../contract/limits.js';
export { keptOutbox, type TextStorage } from './kept-outbox.js';
export { matchesReceipt } from './receipt.js';
export { shareRefresh, type Tabs } from './shared-refresh.js';
