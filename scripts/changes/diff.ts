/** The changes of a file. */
export interface FileChange {
  file: string;
  /**
   * Lines of the old text, from 1, both ends included; for added lines those around them. Null: the file is new, or
   * gone.
   */
  lines: readonly (readonly [from: number, to: number])[] | null;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? /;

/** The old lines that a hunk replaces. */
function linesOf(header: string): readonly [number, number] | null {
  const [, start, count = '1'] = HUNK.exec(header) ?? [];
  if (start === undefined) return null;
  const from = Number(start);
  return count === '0' ? [from, from + 1] : [from, from + Number(count) - 1];
}

/** Reads the output of `git diff --unified=0 --no-renames`. */
export function changesOf(diff: string): FileChange[] {
  return diff
    .split(/^diff --git /m)
    .slice(1)
    .map((part) => {
      const file = /^a\/(.*) b\/\1$/m.exec(part)?.[1] ?? '';
      const isWhole = /^(?:new|deleted) file mode/m.test(part) || /^Binary files/m.test(part);
      const hunks = part.split('\n').map(linesOf);
      return { file, lines: isWhole ? null : hunks.filter((lines) => lines !== null) };
    });
}
