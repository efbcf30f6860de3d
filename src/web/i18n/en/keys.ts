/** Texts about keys for programs. */
export const keysEn = {
  title: 'Keys for programs',
  hint: 'Programs use a key instead of your password.',
  reference: 'API reference',
  create: 'Create key',
  newKey: 'Your new key',
  shownOnce: 'Copy it now: it is not shown again. Whoever has it can act for you.',
  name: 'Name',
  nameHint: 'So that you can tell your keys apart.',
  mayDo: 'The program may',
  scopes: {
    chat: 'ask, and read its answers',
    read: 'read all conversations',
    write: 'create, change and delete',
  },
  lasts: 'Valid for',
  days: (days: number) => `${days} days`,
  forever: 'no limit',
  noScope: 'Please choose what the program may do.',
  tooMany: 'You have too many keys. Please revoke one first.',
  unused: 'Not used yet',
  lastUsed: (when: string) => `Last used ${when}`,
  expires: (day: string) => `Expires on ${day}`,
  expired: (day: string) => `Expired on ${day}`,
  revoke: 'Revoke',
  revokeKey: (name: string) => `Revoke ${name}`,
  revoked: (name: string) => `${name} no longer works.`,
};

export type KeyTexts = typeof keysEn;
