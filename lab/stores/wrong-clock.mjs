/** `--import` of this file moves the clock of a process by `CLOCK_OFF_MS`. Monotonic time is unaffected. */
const offMs = Number(process.env.CLOCK_OFF_MS);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + offMs);
    else super(...given);
  }

  static now() {
    return RightDate.now() + offMs;
  }
};
