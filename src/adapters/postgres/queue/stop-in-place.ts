/**
 * True for a waiting generation that nobody has claimed since it was asked for, by a question or by a call that continues
 * the answer. Nothing runs it, and all its text is in `messages`, so that the stop itself can end it. What was handed back
 * keeps its claim: some of its text is in the log only.
 */
export const ENDS_IN_PLACE = `state = 'queued' AND claim IS NULL`;

/** Changes of the message `m`. Text that it has already counts as one delta of the attempt that nobody made. */
export const SHOW_STOPPED = `
  status = 'stopped', completed_at = now(),
  seq = CASE WHEN m.content <> '' OR m.reasoning IS NOT NULL THEN 1 ELSE 0 END`;
