export const messageElementId = (messageId: number): string => `message-${messageId}`;

/** Null for other elements. */
export function messageIdOf({ id }: Element): number | null {
  const [, messageId] = /^message-(\d+)$/.exec(id) ?? [];
  return messageId === undefined ? null : Number(messageId);
}
