import type { ExportService } from '../../domain/accounts/export-service.js';
import type { Admit } from './download.js';

export type ExportSource = Pick<ExportService, 'conversations' | 'messages'>;

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

/** A conversation, or another object at the head of a file, with the messages of all its branches. */
export async function* conversationJson(
  source: Pick<ExportSource, 'messages'>,
  head: object & { id: number },
  admit: Admit,
): AsyncGenerator<string> {
  yield `${open(head)},"messages":[`;
  yield* list(source.messages(head.id, admit), async function* (message) {
    yield JSON.stringify(message);
  });
  yield ']}';
}

/** `head`, with all conversations that the user owns. */
export async function* accountJson(
  source: ExportSource,
  userId: number,
  head: object,
  admit: Admit,
): AsyncGenerator<string> {
  yield `${open(head)},"conversations":[`;
  yield* list(source.conversations(userId, admit), (conversation) =>
    conversationJson(source, conversation, admit),
  );
  yield ']}\n';
}
