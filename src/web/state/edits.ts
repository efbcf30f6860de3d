/** New texts of messages that were typed and not saved yet, by message. They survive the editor, but not a reload. */
export interface Edits {
  get(messageId: number): string | undefined;
  set(messageId: number, text: string): void;
  delete(messageId: number): void;
  isEmpty(): boolean;
}

const MOST = 100;

export function createEdits(): Edits {
  const texts = new Map<number, string>();
  return {
    get: (id) => texts.get(id),
    set: (id, text) => {
      texts.delete(id);
      texts.set(id, text);
      const [oldest] = texts.keys();
      if (texts.size > MOST && oldest !== undefined) texts.delete(oldest);
    },
    delete: (id) => {
      texts.delete(id);
    },
    isEmpty: () => texts.size === 0,
  };
}
