/** `stuck`: a call without a reply, although everything runs again. `disorder`: deltas that the protocol rules out. */
export const BAD = ['lost', 'doubled', 'wrong', 'mismatch', 'disorder', 'stuck'] as const;
export type Bad = (typeof BAD)[number];

export interface Finding {
  bad: Bad;
  key: string | null;
  answerId: number | null;
  what: string;
}

export const finding = (
  bad: Bad,
  key: string | null,
  answerId: number | null,
  what: string,
): Finding => ({ bad, key, answerId, what });
