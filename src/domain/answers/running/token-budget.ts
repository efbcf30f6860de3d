export interface TokenBudgetOptions {
  /** Tokens that are reserved already. */
  reserved: number;
  count(text: string): number;
  /** Raises the reservation to that many tokens as far as the quota allows. Resolves to what it is now. */
  reserveMore(tokens: number): Promise<number>;
  /** The answer has passed its quota. Called once. */
  onSpent(): void;
  /** The store does not reply. */
  onFailure(error: unknown): void;
}

/** Reserved beyond what was used, each time that an answer needs more than it had reserved. */
const AHEAD = 256;
/** The budget asks for more when this many tokens are left, early enough for the reply. */
const MARGIN = 64;
/** A look at fewer characters would cost more than it is worth. */
const LEAST_CHARS = 16;
/** Text until the next attempt after a failure. */
const FAILURE_CHARS = 2_000;

/**
 * Counts a running answer against what it has reserved. Between two looks it only adds up text, and every character is
 * counted once: a look is due when half of the tokens left could have been used, which makes looks rarer the more is
 * left. So an answer passes its quota by its last piece and `LEAST_CHARS` at most. Other answers may give something
 * back at any time, so a refused one asks again whenever half of the tokens left are used.
 */
export class TokenBudget {
  readonly #options: TokenBudgetOptions;
  #reserved: number;
  #used = 0;
  /** The most tokens that the answer uses, if the model keeps to `max_tokens`. */
  #most = Number.POSITIVE_INFINITY;
  #heard = '';
  /** Characters after which a look is due. */
  #dueAt = 0;
  #isAsking = false;
  /** The budget asks for more when fewer tokens are left. */
  #askAt = MARGIN;
  /** The quota gave less than was wanted. */
  #isLast = false;

  constructor(options: TokenBudgetOptions) {
    this.#options = options;
    this.#reserved = options.reserved;
  }

  /**
   * Call it before the model is asked. Resolves when the prompt and the answer's `max_tokens` are reserved, as far as
   * possible; null: nothing limits the answer.
   */
  async begin(prompt: number, maxTokens: number | null): Promise<void> {
    this.#used = prompt;
    if (maxTokens !== null) this.#most = prompt + maxTokens;
    const wanted = prompt + (maxTokens ?? 0);
    if (wanted > this.#reserved) await this.#reserve(wanted);
    this.#dueAt = this.#next();
  }

  /** Takes the model's text. */
  heard(text: string): void {
    this.#heard += text;
    if (this.#heard.length >= this.#dueAt) this.#look();
  }

  get #left(): number {
    return this.#reserved - this.#used;
  }

  #look(): void {
    this.#count();
    if (this.#isLast && this.#left < 0) {
      this.#spent();
      return;
    }
    this.#dueAt = this.#heard.length + this.#next();
    const ahead = this.#used + AHEAD;
    const wanted = this.#left < 0 ? ahead : Math.min(ahead, this.#most);
    const isLow = this.#left < this.#askAt && wanted > this.#reserved;
    if (isLow && !this.#isAsking) void this.#goOn(wanted);
  }

  /** Counts up to the last word, because half a word may be a token of its own. */
  #count(): void {
    const words = this.#heard.lastIndexOf(' ');
    const end = words > 0 ? words : this.#heard.length;
    this.#used += this.#options.count(this.#heard.slice(0, end));
    this.#heard = this.#heard.slice(end);
  }

  async #goOn(wanted: number): Promise<void> {
    this.#isAsking = true;
    await this.#reserve(wanted);
    this.#isAsking = false;
    if (this.#isLast && this.#left < 0) this.#spent();
  }

  #next(): number {
    if (this.#isLast && this.#left <= 0) return 1;
    const sure = this.#isLast ? this.#left : this.#left - MARGIN;
    return Math.max(LEAST_CHARS, Math.floor(sure / 2));
  }

  async #reserve(tokens: number): Promise<void> {
    const { reserveMore, onFailure } = this.#options;
    try {
      this.#reserved = await reserveMore(tokens);
      this.#isLast = this.#reserved < tokens && this.#left < MARGIN;
    } catch (error) {
      onFailure(error);
      if (!this.#isLast) this.#dueAt = FAILURE_CHARS;
    }
    this.#askAt = this.#isLast ? this.#left / 2 : MARGIN;
  }

  #spent(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#options.onSpent();
  }
}
