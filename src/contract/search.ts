import type { MessageRole } from './rest.js';
import type { Timestamp } from './timestamp.js';

export interface SearchQuery {
  /** Words in any order; each is found also within a word. */
  q: string;
  limit?: number;
  cursor?: string;
}

/** A message, or a title, that has all words. */
export interface SearchResult {
  conversation: { id: number; title: string };
  /** Null: the title was found. */
  message_id: number | null;
  role: MessageRole | null;
  /** The text around the words, or the title. */
  snippet: string;
  /** Positions of the words in `snippet`: one range for each, in UTF-16 units, without its end. */
  highlights: [start: number, end: number][];
  /** Time of the message, or of the last activity of the conversation. */
  at: Timestamp;
}

export interface SearchPage {
  /** The newest first. */
  results: SearchResult[];
  next_cursor: string | null;
}
