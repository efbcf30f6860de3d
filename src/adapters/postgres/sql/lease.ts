/** The end of a lease that begins now, by the clock of Postgres. `ms` is SQL, such as a bind. */
export const LEASE = (ms: string) => `clock_timestamp() + ${ms} * interval '1 millisecond'`;

/** The lease of a row that nobody holds. */
export const LEASE_OVER = 'clock_timestamp()';
