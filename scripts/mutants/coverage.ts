import { decode } from '@jridgewell/sourcemap-codec';

/** The coverage that Node writes for each process into the directory `NODE_V8_COVERAGE`, as far as it is used. */
export interface Dump {
  result: Script[];
  'source-map-cache'?: Record<string, CachedMap>;
}

interface Script {
  url: string;
  functions: { ranges: Range[] }[];
}

export interface Range {
  startOffset: number;
  endOffset: number;
  count: number;
}

interface CachedMap {
  /** Lengths of the lines of the text that ran, without line ends. */
  lineLengths: number[];
  data: { mappings: string } | null;
}

/**
 * How often each part of a text was executed: offset, count, offset, count, … in the order of the text. A count holds
 * until the next offset.
 */
export type Steps = number[];

/** The innermost range decides. Ranges of V8 never overlap in part. */
export function stepsOf(ranges: readonly Range[]): Steps {
  const sorted = ranges.toSorted(
    (a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset,
  );
  const steps: Steps = [];
  const open: Range[] = [];
  const close = (offset: number) => {
    for (let last = open.at(-1); last && last.endOffset <= offset; last = open.at(-1)) {
      open.pop();
      steps.push(last.endOffset, open.at(-1)?.count ?? 0);
    }
  };
  for (const range of sorted) {
    close(range.startOffset);
    open.push(range);
    steps.push(range.startOffset, range.count);
  }
  close(Number.POSITIVE_INFINITY);
  return steps;
}

/** The count at an offset; 0 before the first. */
export function countAt(steps: Steps, offset: number): number {
  let from = 0;
  let to = steps.length / 2;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((steps[2 * middle] ?? 0) <= offset) from = middle + 1;
    else to = middle;
  }
  return steps[2 * from - 1] ?? 0;
}

/** The offsets at which the lines of a text begin. */
export function beginnings(lengths: readonly number[]): number[] {
  let offset = 0;
  return lengths.map((length) => {
    const start = offset;
    offset += length + 1;
    return start;
  });
}

export const lineLengths = (text: string): number[] => text.split('\n').map(({ length }) => length);

/** Each place of the text that ran, with its place in the source, in the order of the first. */
function placesOf(map: CachedMap, source: string): [ran: number, written: number][] {
  const ran = beginnings(map.lineLengths);
  const written = beginnings(lineLengths(source));
  return decode(map.data?.mappings ?? '').flatMap((segments, line) =>
    segments.flatMap(([column, , sourceLine, sourceColumn = 0]): [number, number][] =>
      sourceLine === undefined
        ? []
        : [[(ran[line] ?? 0) + column, (written[sourceLine] ?? 0) + sourceColumn]],
    ),
  );
}

/** Counts of the text that ran, as counts of its source. */
export function inSource(steps: Steps, map: CachedMap, source: string): Steps {
  const counts = new Map<number, number>();
  let next = 0;
  for (const [ran, written] of placesOf(map, source)) {
    while ((steps[next] ?? Number.POSITIVE_INFINITY) <= ran) next += 2;
    const count = steps[next - 1] ?? 0;
    counts.set(written, Math.max(counts.get(written) ?? 0, count));
  }
  const places = [...counts].sort(([a], [b]) => a - b);
  return places.filter(([, count], index) => count !== places[index - 1]?.[1]).flat();
}

/** Adds the counts of two processes. */
export function added(one: Steps, other: Steps): Steps {
  const offsets = [one, other].flatMap((steps) => steps.filter((_, index) => index % 2 === 0));
  const sorted = [...new Set(offsets)].sort((a, b) => a - b);
  return sorted.flatMap((offset) => [offset, countAt(one, offset) + countAt(other, offset)]);
}

/** The parts that ran of each source, by its path below `root`, which is a file URL with a slash at its end. */
export function coverageOf(
  dumps: Iterable<Dump>,
  root: string,
  sourceOf: (file: string) => string,
): Map<string, Steps> {
  const covered = new Map<string, Steps>();
  for (const { result, 'source-map-cache': maps = {} } of dumps) {
    for (const { url, functions } of result) {
      const file = url.startsWith(root) ? url.slice(root.length).replace(/\?.*/, '') : '';
      const map = maps[url];
      if (!file.startsWith('src/') || !map?.data) continue;
      const ranges = functions.flatMap((one) => one.ranges);
      const steps = inSource(stepsOf(ranges), map, sourceOf(file));
      const known = covered.get(file);
      covered.set(file, known ? added(known, steps) : steps);
    }
  }
  return covered;
}
