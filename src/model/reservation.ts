/** What a call of a program holds of its user's quota expires after this time, unless its node renews it. */
export const RESERVED_MS = 900_000;
