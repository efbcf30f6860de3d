import { ADMIN_STATES } from './admin-states.js';
import { AWAY_STATES } from './away-states.js';
import { CHAT_STATES } from './chat-states.js';
import { DIALOG_STATES } from './dialog-states.js';
import { GUEST_STATES, REFERENCE_STATES } from './guest-states.js';
import { LIST_STATES } from './list-states.js';
import type { Size } from './scene.js';
import type { State } from './state.js';

/** Everything that the pages show. Tests that must hold everywhere go through this list. */
export const STATES: readonly State[] = [
  ...GUEST_STATES,
  ...CHAT_STATES,
  ...LIST_STATES,
  ...DIALOG_STATES,
  ...ADMIN_STATES,
  ...AWAY_STATES,
  ...REFERENCE_STATES,
];

export const statesOf = (size: Size): readonly State[] =>
  STATES.filter(({ on }) => on === undefined || on === size);
