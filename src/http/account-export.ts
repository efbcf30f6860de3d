import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { User } from '../contract/rest.js';
import type { ExportService } from '../domain/accounts/export-service.js';

type Source = Pick<ExportService, 'head' | 'conversations' | 'messages'>;

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

async function* json(source: Source, user: User, head: object): AsyncGenerator<string> {
  yield `${open(head)},"conversations":[`;
  yield* list(source.conversations(user.id), async function* (conversation) {
    yield `${open(conversation)},"messages":[`;
    yield* list(source.messages(conversation.id), async function* (message) {
      yield JSON.stringify(message);
    });
    yield ']}';
  });
  yield ']}\n';
}

const isReaderGone = (error: unknown): boolean =>
  Object(error).code === 'ERR_STREAM_PREMATURE_CLOSE';

/** Sends a user's data as a download, at the pace of its reader. What fails in the middle breaks the connection. */
export async function sendExport(res: Response, source: Source, user: User): Promise<void> {
  const head = await source.head(user);
  res.set({
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Disposition': 'attachment; filename="parley-export.json"',
  });
  try {
    await pipeline(Readable.from(json(source, user, head)), res);
  } catch (error) {
    if (!isReaderGone(error)) throw error;
  }
}
