/** Changing and choosing messages. */
export const branchesEn = {
  edit: 'Edit',
  editQuestion: 'Edit question',
  editAnswer: 'Edit answer',
  saveAndAsk: 'Save and ask',
  saveOnly: 'Save only',
  save: 'Save',
  regenerate: 'Answer again',
  regenerateWith: 'Answer again with another model',
  remove: 'Remove',
  sendNow: 'Send now',
  sendNowHint: 'Stops the answer that is running',
  previousVersion: 'Previous version',
  nextVersion: 'Next version',
  versions: (at: number, count: number) => `${at} / ${count}`,
  versionLabel: (at: number, count: number) => `Version ${at} of ${count}`,
  deleteQuestion: 'Delete question',
  deleteAnswer: 'Delete answer',
  deleteQuestionTitle: 'Delete this question?',
  deleteAnswerTitle: 'Delete this answer?',
  deleteMessageBody: (excerpt: string, below: number) =>
    below === 0
      ? `“${excerpt}” will be deleted permanently.`
      : `“${excerpt}” and everything below it (${below} more ${below === 1 ? 'message' : 'messages'} here) will be deleted permanently.`,
  interruptHint: (command: string) =>
    `Enter waits in line, ${command} + Enter stops the answer and asks at once`,
};

export type BranchTexts = typeof branchesEn;
