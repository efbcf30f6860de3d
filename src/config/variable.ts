/** How a value is written. `prose` may be quoted and may have several lines. */
type Plain = 'text' | 'prose' | 'list' | 'origins' | 'proxies' | 'secrets' | 'url' | 'directory';

interface Common {
  name: string;
  /** The value of an unset or empty variable. Empty: unset, or as the meaning says. */
  default: string;
  /** The text of `.env.example` and the page; the Chinese one is in `scripts/settings-zh.ts`. */
  meaning: string;
  /** The part that nobody is shown, not even administrators: all of it, or the part of the URL behind its host. */
  secret?: 'all' | 'path';
}

export type Unit =
  | 'ms'
  | 's'
  | 'min'
  | 'days'
  | 'bytes'
  | 'bytes/s'
  | 'MiB'
  | 'tokens'
  | 'tokens/min'
  | '/s'
  | '/min';

/** One environment variable: what the reader checks, and what the pages show. */
export type Variable = Common &
  (
    | { type: Plain | 'boolean' }
    | { type: 'choice'; values: readonly [string, ...string[]] }
    | { type: 'integer' | 'number'; min: number; max: number; unit?: Unit }
  );
