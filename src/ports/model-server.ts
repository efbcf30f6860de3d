import type { CompletionProvider } from './completion-provider.js';
import type { PaceLimits } from './model-pace.js';
import type { RawCompletions } from './raw-completions.js';

/** A model server, and what it allows all nodes together. */
export interface ModelServer {
  provider: CompletionProvider & RawCompletions;
  limits: PaceLimits;
  /** Names its line to all nodes; null for the server of the variables. */
  line: string | null;
}
