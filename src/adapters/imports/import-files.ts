import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { unavailable } from '../../entities/errors.js';
import {
  FileProblem,
  type FoundValue,
  type ImportFile,
  type ImportFiles,
} from '../../ports/import-files.js';
import { JsonValues } from './json-values.js';
import { problemOf, zipTexts } from './zip-texts.js';

/** Parsing so much takes a few milliseconds; then others have their turn. */
const STEP_BYTES = 32_768;
/** How many times its permitted size a file may unpack to. */
const MOST_UNPACKED = 10;

interface OpenFile extends ImportFile {
  handle: FileHandle;
}

/** Put `directory` on a disk: files in a directory that is kept in memory count as memory. */
export function createImportFiles(directory: string, maxBytes: number): ImportFiles {
  const files = new WeakMap<ImportFile, FileHandle>();
  return {
    async receive(body, mostBytes) {
      const { handle, ...file } = await create(directory);
      try {
        const bytes = await write(body, handle, mostBytes);
        const received = { ...file, bytes };
        files.set(received, handle);
        return received;
      } catch (error) {
        await file.close();
        throw Object(error).code === 'ENOSPC' ? unavailable(error) : error;
      }
    },

    async *read(file, signal) {
      const handle = files.get(file);
      if (!handle) throw new Error('a file of another store');
      if (await isZip(handle)) yield* readZip(handle, maxBytes * MOST_UNPACKED, signal);
      else yield* valuesOf(piecesOf(handle), signal);
    },
  };
}

/** The file never has a name: whatever happens to the node, the disk is free again. */
async function create(directory: string): Promise<OpenFile> {
  const path = join(directory, `parley-import-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  const isGone = await unlink(path).then(
    () => true,
    () => false,
  );
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= handle.close().then(async () => {
      if (!isGone) await unlink(path);
    });
    return closing;
  };
  return { handle, bytes: 0, close };
}

/** A client that sends too much stays connected, so that the refusal reaches it. */
async function write(body: Readable, handle: FileHandle, mostBytes: number): Promise<number> {
  let bytes = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    if (bytes + chunk.length > mostBytes) throw new FileProblem('payload_too_large');
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, bytes + at);
      at += bytesWritten;
    }
    bytes += chunk.length;
  }
  return bytes;
}

async function isZip(handle: FileHandle): Promise<boolean> {
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  return buffer.toString('latin1') === 'PK';
}

async function* piecesOf(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(STEP_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, STEP_BYTES, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* valuesOf(
  pieces: AsyncIterable<Buffer>,
  signal: AbortSignal,
): AsyncGenerator<FoundValue> {
  const values = new JsonValues();
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += STEP_BYTES) {
      signal.throwIfAborted();
      yield* values.write(piece.subarray(at, at + STEP_BYTES));
      await nextTurn();
    }
  }
  yield* values.end();
}

/** The other texts of a file are read even if one is broken. */
async function* readZip(
  { fd }: FileHandle,
  mostBytes: number,
  signal: AbortSignal,
): AsyncGenerator<FoundValue> {
  const texts = await zipTexts(fd, mostBytes);
  for (const { name, open } of texts) {
    try {
      yield* valuesOf(await open(), signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (texts.length === 1) throw error instanceof FileProblem ? error : problemOf(error);
      yield { value: null, head: {}, problem: 'unreadable', title: name };
    }
  }
}
