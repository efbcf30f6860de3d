/** The end of a lease that begins now, by the clock of Postgres. `ms` is SQL, such as a bind. */
export const LEASE = (ms: string) => `clock_timestamp() + ${ms} * interval '1 millisecond'`;

/**
 * As a fraction of a lease. A claim that takes longer has met an outage, in which leases of live owners may have
 * expired.
 */
export const TAKE_OVER_WITHIN = 1 / 4;

/** The lease of a row that nobody holds. */
export const LEASE_OVER = 'clock_timestamp()';
