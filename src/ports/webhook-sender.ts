/** The reply of a receiver. `status` null: it did not reply, or its address is refused. */
export interface Reply {
  status: number | null;
  /** The reason why there is no status, for the log. Without the address. */
  problem?: string;
  /** The time for which the receiver wants to be left alone. */
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
   * The reason why the address is refused: a code of `validation-messages`. Null: nothing is known against it. A name
   * that cannot be resolved now is accepted. Never rejects.
   */
  refusal(url: string): Promise<string | null>;
  /**
   * Sends it to an address that was checked after its name was resolved. Redirects are not followed, and the body of
   * the response is not kept. Takes 15 seconds at most. Never rejects.
   */
  post(post: Post): Promise<Reply>;
}
