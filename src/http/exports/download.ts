import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Permission } from '../../contract/permissions.js';
import type { Rights } from '../../domain/rights/rights.js';
import type { AuthenticatedUser } from '../../domain/sessions/auth-service.js';
import { AppError } from '../../entities/errors.js';

/** Called before each page is read. */
export type Admit = () => Promise<void>;

export interface Download {
  fileName: string;
  /** Content type with its charset. */
  type: string;
  /** Reads the next page when the one before has been taken. */
  text(admit: Admit): AsyncGenerator<string>;
  /** Rejects when the reader may no longer read. */
  admit: Admit;
}

export interface Reader {
  principal: AuthenticatedUser;
  permission: Permission | null;
  rights: Pick<Rights, 'require' | 'watch'>;
}

/** A reader that reads nothing for this long is gone. Its place is free for another download. */
const STALLED_MS = 60_000;

/** The reader is gone or has lost the right to read. Neither is an error. */
const isOver = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted ||
  Object(error).code === 'ERR_STREAM_PREMATURE_CLOSE' ||
  (error instanceof AppError && error.code !== 'unavailable');

/**
 * Sends text as a file, at the pace of its reader. A failure in the middle, or the end of the reader's session, breaks
 * the connection, so that a truncated download cannot look complete.
 */
export async function sendDownload(
  res: Response,
  { fileName, type, text, admit }: Download,
  { principal, permission, rights }: Reader,
  stalledMs = STALLED_MS,
): Promise<void> {
  const { signal, close } = rights.watch(principal, permission);
  try {
    await admit();
    res.set({ 'Cache-Control': 'no-store', 'Content-Disposition': attachment(fileName) });
    res.set('Content-Type', type);
    res.setTimeout(stalledMs, () => res.destroy());
    await pipeline(Readable.from(text(admit)), res, { signal });
  } catch (error) {
    if (!res.headersSent) {
      res.removeHeader('Content-Disposition');
      throw signal.aborted ? signal.reason : error;
    }
    if (!isOver(error, signal)) throw error;
  } finally {
    close();
  }
}

/** RFC 6266: the name in ASCII for old readers, then the whole name. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w .()-]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const whole = plain === fileName ? '' : `; filename*=UTF-8''${encoded}`;
  return `attachment; filename="${plain}"${whole}`;
}
