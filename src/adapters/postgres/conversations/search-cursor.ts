import { invalid } from '../../../entities/errors.js';

export const encodeSearchCursor = (at: string, messageId: number, conversationId: number): string =>
  Buffer.from(JSON.stringify([at, messageId, conversationId])).toString('base64url');

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** @throws AppError `validation_failed` for a cursor that this server never gave out */
export function decodeSearchCursor(cursor: string): [at: string, messageId: number, id: number] {
  try {
    const [time, messageId, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const at = new Date(time).toISOString();
    if (isId(messageId) && isId(id) && at >= '0001') return [at, messageId, id];
  } catch {
    // Falls through to the refusal below.
  }
  throw invalid({ path: 'cursor', code: 'cursor.unknown' });
}
