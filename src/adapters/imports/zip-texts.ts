import type { Readable } from 'node:stream';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { FileProblem } from '../../ports/import-files.js';

/** Entries of an archive; exports have one for each picture. */
const MOST_ENTRIES = 200_000;
/** Texts of an archive; other entries do not count. */
const MOST_TEXTS = 2_000;
/** JSON never shrinks to less. Small files may, and they cost nothing. */
const MOST_RATIO = 200;
const SMALL_BYTES = 32 * 1_048_576;

export interface ZippedText {
  name: string;
  open(): Promise<Readable>;
}

/**
 * The texts of an archive that may have conversations: `conversations.json` and its parts, in their order, or else
 * every `.json`. The names of entries name no file on the disk. An archive with names that leave it is refused.
 */
export async function zipTexts(fd: number, mostBytes: number): Promise<ZippedText[]> {
  const zip = await fromFdPromise(fd, {
    autoClose: false,
    lazyEntries: true,
    validateEntrySizes: true,
  }).catch((error: unknown) => {
    throw problemOf(error);
  });
  const texts = chosen(await textsOf(zip));
  check(texts, mostBytes);
  return texts.map((entry) => ({
    name: entry.fileName,
    open: () => zip.openReadStreamPromise(entry),
  }));
}

async function textsOf(zip: ZipFile): Promise<Entry[]> {
  const texts: Entry[] = [];
  if (zip.entryCount > MOST_ENTRIES) throw new FileProblem('payload_too_large');
  for (let entry = await next(zip); entry; entry = await next(zip)) {
    if (isText(entry.fileName)) texts.push(entry);
    if (texts.length > MOST_TEXTS) throw new FileProblem('payload_too_large');
  }
  return texts;
}

function next(zip: ZipFile): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => {
      zip.off('entry', onEntry).off('end', onEnd).off('error', onError);
      work();
    };
    const onEntry = (entry: Entry) => settle(() => resolve(entry));
    const onEnd = () => settle(() => resolve(null));
    const onError = (error: unknown) => settle(() => reject(problemOf(error)));
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}

const baseOf = (name: string): string => name.split('/').at(-1) ?? '';
/** macOS adds a second entry to each file: below `__MACOSX/`, or with a dot before its name. */
const isText = (name: string): boolean =>
  /\.json$/i.test(name) && !name.startsWith('__MACOSX/') && !baseOf(name).startsWith('.');
const isPart = ({ fileName }: Entry): boolean =>
  /^conversations(-\d+)?\.json$/i.test(baseOf(fileName));
const numberOf = ({ fileName }: Entry): number =>
  Number(/-(\d+)\.json$/i.exec(fileName)?.[1] ?? -1);

function chosen(texts: Entry[]): Entry[] {
  const parts = texts.filter(isPart);
  return parts.length > 0 ? parts.sort((a, b) => numberOf(a) - numberOf(b)) : texts;
}

/** Trusts the sizes that the archive claims: a reader of an entry gets no more than that. */
function check(texts: readonly Entry[], mostBytes: number): void {
  if (texts.length === 0) throw new FileProblem('unknown_format');
  let bytes = 0;
  for (const entry of texts) {
    const { compressedSize, uncompressedSize } = entry;
    if (entry.isEncrypted()) throw new FileProblem('archive_encrypted');
    bytes += uncompressedSize;
    const isBomb = uncompressedSize > SMALL_BYTES && uncompressedSize > MOST_RATIO * compressedSize;
    if (isBomb || bytes > mostBytes) throw new FileProblem('payload_too_large');
  }
}

/** The library gives its reasons only as sentences. */
export function problemOf(error: unknown): FileProblem {
  if (error instanceof FileProblem) return error;
  const message = error instanceof Error ? error.message : '';
  if (/invalid relative path|absolute path|invalid characters in fileName/.test(message)) {
    return new FileProblem('archive_unsafe', error);
  }
  const isEncrypted = /encrypt/.test(message);
  return new FileProblem(isEncrypted ? 'archive_encrypted' : 'archive_damaged', error);
}
