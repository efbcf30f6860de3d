import type { Readable } from 'node:stream';

/** A file that a user sent. It has no name on the disk, and is gone when it is closed or its node has died. */
export interface ImportFile {
  readonly bytes: number;
  /** Idempotent. */
  close(): Promise<void>;
}

/** One value of a file that may be a conversation. */
export interface FoundValue {
  /** Null: the value was too large, or could not be read. */
  value: unknown;
  /** The fields beside the list of values, as far as they came before it. */
  head: Record<string, unknown>;
  /** Why there is no value; null: there is one. */
  problem: 'too_large' | 'unreadable' | null;
  /** A name for the value, if there is none. */
  title: string;
}

/** Problems of a whole file. The code is stable. */
export type FileProblemCode =
  | 'malformed_json'
  | 'payload_too_large'
  | 'archive_damaged'
  | 'archive_encrypted'
  | 'archive_unsafe'
  | 'unknown_format';

export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly code: FileProblemCode;

  constructor(code: FileProblemCode, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

export interface ImportFiles {
  /** Puts a body on the disk. @throws FileProblem `payload_too_large` beyond `maxBytes` */
  receive(body: Readable, maxBytes: number): Promise<ImportFile>;
  /**
   * Yields the values of the file one by one, with bounded memory and in short steps. A zip file is read without being
   * unpacked to the disk.
   * @throws FileProblem
   */
  read(file: ImportFile, signal: AbortSignal): AsyncGenerator<FoundValue>;
}
