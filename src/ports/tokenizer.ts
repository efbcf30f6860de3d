/** Counts tokens that no server counted, and for the prompt budget. An estimate for models with another vocabulary. */
export interface Tokenizer {
  /** Takes time linear in the text. */
  count(text: string): number;
}
