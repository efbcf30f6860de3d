/** Texts about webhooks. */
export const webhooksEn = {
  title: 'Webhooks',
  hint: 'Tell a program of yours when an answer has ended that you were not looking at.',
  create: 'Add webhook',
  url: 'Address',
  urlHint: 'It begins with https:// and can be reached from the internet.',
  about: 'Tell it that',
  events: {
    'answer.completed': 'an answer is complete',
    'answer.failed': 'an answer failed',
  },
  noEvent: 'Please choose what it is told.',
  tooMany: 'You have too many webhooks. Please delete one first.',
  newSecret: 'Its secret',
  shownOnce:
    'Copy it now: it is not shown again. Your program needs it to verify what it receives.',
  unused: 'Nothing sent yet',
  delivered: (when: string) => `Last delivered ${when}`,
  failed: (when: string, status: number | null) =>
    status === null ? `No response ${when}` : `Failed ${when} (status ${status})`,
  remove: 'Delete',
  removeOne: (host: string) => `Delete webhook to ${host}`,
  removed: (host: string) => `Nothing more is sent to ${host}.`,
};

export type WebhookTexts = typeof webhooksEn;
