/** Titles that were made of the first message, until the model gives a better one. */
export interface TitleRepository {
  /**
   * Takes the task of giving the conversation a title. Resolves to its present title; null if a user named it, or
   * somebody has taken the task.
   */
  take(conversationId: number): Promise<string | null>;
  /**
   * Changes the title, unless it is no longer `before` or the conversation is deleted. Resolves to whether it changed.
   */
  give(conversationId: number, before: string, title: string): Promise<boolean>;
}
