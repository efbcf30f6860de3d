import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ExportService } from '../domain/accounts/export-service.js';
import type { AuthenticatedUser } from '../domain/sessions/auth-service.js';
import type { Rights } from '../domain/sessions/rights.js';
import { AppError } from '../model/errors.js';

type Source = Pick<ExportService, 'head' | 'conversations' | 'messages'>;
/** Called before each page is read. */
type Admit = () => Promise<void>;

/** An object's JSON without its last brace, for more keys to follow. */
const open = (value: object): string => JSON.stringify(value).slice(0, -1);

async function* list<T>(
  items: AsyncGenerator<T>,
  write: (item: T) => AsyncGenerator<string>,
): AsyncGenerator<string> {
  let between = '';
  for await (const item of items) {
    yield between;
    yield* write(item);
    between = ',\n';
  }
}

async function* json(
  source: Source,
  userId: number,
  head: object,
  admit: Admit,
): AsyncGenerator<string> {
  yield `${open(head)},"conversations":[`;
  yield* list(source.conversations(userId, admit), async function* (conversation) {
    yield `${open(conversation)},"messages":[`;
    yield* list(source.messages(conversation.id, admit), async function* (message) {
      yield JSON.stringify(message);
    });
    yield ']}';
  });
  yield ']}\n';
}

/** A reader that reads nothing for this long is gone. Another export may take its place. */
const STALLED_MS = 60_000;

/** The reader is gone or has lost the right to read. Neither is an error. */
const isOver = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted ||
  Object(error).code === 'ERR_STREAM_PREMATURE_CLOSE' ||
  (error instanceof AppError && error.code !== 'unavailable');

/**
 * Sends a user's data as a download, at the pace of its reader. A failure in the middle, or the end of the reader's
 * session, breaks the connection, so that a truncated download cannot look complete.
 */
export async function sendExport(
  res: Response,
  source: Source,
  principal: AuthenticatedUser,
  rights: Pick<Rights, 'require' | 'watch'>,
  stalledMs = STALLED_MS,
): Promise<void> {
  const head = await source.head(principal.user);
  const { signal, close } = rights.watch(principal, null);
  try {
    await rights.require(principal, null);
    res.set({
      'Cache-Control': 'no-store',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': 'attachment; filename="parley-export.json"',
    });
    res.setTimeout(stalledMs, () => res.destroy());
    const pages = json(source, principal.userId, head, () => rights.require(principal, null));
    await pipeline(Readable.from(pages), res, { signal });
  } catch (error) {
    if (!res.headersSent || !isOver(error, signal)) throw error;
  } finally {
    close();
  }
}
