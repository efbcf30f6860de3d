/** One environment variable, as documentation and `.env.example` show it. */
export interface Variable {
  name: string;
  /** What an unset or empty variable means; empty: nothing, or what the description says. */
  default: string;
  description: string;
}
