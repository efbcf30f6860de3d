/** The demo model's words in one language. `{turn}` and the like are filled in by the reply. */
export interface DemoTexts {
  /** Recognises what was asked for. */
  asks: { long: RegExp; code: RegExp; table: RegExp; list: RegExp; greeting: RegExp };
  /** Answers to what the page suggests. They get no title, greeting or opening. */
  prepared: readonly { asked: RegExp; answer: string }[];
  titles: readonly string[];
  greeting: string;
  quote: string;
  /** `{turn}`: how many messages the user has sent. */
  turns: { first: string; later: string };
  openings: readonly string[];
  code: string;
  table: string;
  list: readonly string[];
  /** Paragraphs of a long answer. */
  long: readonly string[];
  demo: string;
}
