/** What a receiver replied. `status` null: it did not, or its address is refused. */
export interface Reply {
  status: number | null;
  /** Why there is no status, for the log. Without the address. */
  problem?: string;
  /** How long the receiver wants to be left alone. */
  retryAfterMs?: number;
}

export interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
}

/** Requests to addresses that users chose. */
export interface WebhookSender {
  /**
   * Why the address is refused: a code of `validation-messages`. Null: nothing is known against it. A name that cannot
   * be resolved now is accepted. Never rejects.
   */
  refusal(url: string): Promise<string | null>;
  /**
   * Sends it to an address that was checked after its name was resolved. Redirects are not followed, and the body of the
   * response is not kept. Takes 15 seconds at most. Never rejects.
   */
  post(post: Post): Promise<Reply>;
}
