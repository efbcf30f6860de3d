/** Texts about webhooks. */
export const webhooksEn = {
  title: 'Webhooks',
  hint: 'Notifies your program when an answer ends in a conversation that you do not have open.',
  create: 'Add webhook',
  url: 'Address',
  urlHint: 'Starts with https:// and is reachable from the internet.',
  about: 'Notify when',
  events: {
    'answer.completed': 'an answer is complete',
    'answer.failed': 'an answer failed',
  },
  noEvent: 'Please choose at least one event.',
  tooMany: 'You have too many webhooks. Please delete one first.',
  newSecret: 'Signing secret',
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
