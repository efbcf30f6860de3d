/** `LIMIT_SCALE` multiplies a limit, which stays at least 1. A scale of 0 switches limits off. */
export const scaledBy =
  (scale: number) =>
  (limit: number): number =>
    scale === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(limit * scale));

/** A limit that `LIMIT_SCALE` leaves as it is, unless it switches limits off. */
export const unlessOff = (scale: number, limit: number): number =>
  scale === 0 ? Number.POSITIVE_INFINITY : limit;
