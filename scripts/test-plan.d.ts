/**
 * The runs of a call of the test command. Files and directories among the arguments replace the whole; a directory
 * stands for its test files, side by side. Throws an `Error` for a directory without tests.
 */
export function planOf(args: readonly string[]): {
  /** The arguments of each run of mocha. */
  runs: string[][];
  /** Whether only some of the tests run. */
  isPart: boolean;
};
