/** Why a running generation must end: the `reason` of its abort signal. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Another attempt owns the answer, or the answer is gone: nothing more may be delivered. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The node drains, so the generation goes back to the queue. */
export class HandedBack extends Error {
  override readonly name = 'HandedBack';
}

/** The answer has passed the quota of its user. */
export class QuotaSpent extends Error {
  override readonly name = 'QuotaSpent';
}

/** The answer has reached its limit, and the model does not stop by itself. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}
