/** The list of conversations, and the actions on one. */
export const listEn = {
  more: 'More',
  pin: 'Pin',
  unpin: 'Unpin',
  archive: 'Archive',
  unarchive: 'Move out of the archive',
  pinned: 'Pinned',
  archived: 'Archived',
  showArchived: 'Archived conversations',
  back: 'Back to all conversations',
  nothingArchived: 'Nothing is archived.',
  wasArchived: 'Archived.',
  wasDeleted: 'Deleted.',
  undo: 'Undo',
  results: 'Search results',
  said: (who: string) => `${who}: `,
  found: (count: number, more: boolean) =>
    `${more ? `More than ${count}` : count} ${count === 1 && !more ? 'result' : 'results'}`,
  otherBranch: 'This message belongs to an earlier version of the conversation.',
  toCurrent: 'Back to the current version',
  continueHere: 'Continue with this version',
  actions: (title: string) => `Actions for “${title}”`,
  openNow: 'Open now',
  loading: 'Loading more…',
  states: {
    answering: 'Answering',
    waiting: 'Waiting for its turn',
    failed: 'The answer failed',
    unsent: 'Not sent',
  },
  unread: (count: number) => (count === 1 ? '1 new message' : `${count} new messages`),
};

export type ListTexts = typeof listEn;
