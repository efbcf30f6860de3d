/** A reservation of a program's call expires after this time, unless its node renews it. */
export const RESERVED_MS = 900_000;
