/** ISO 8601, UTC, with milliseconds. */
export type Timestamp = string;
