/** Sizes that client and server share. Characters are UTF-16 code units unless noted. */
export const LIMITS = {
  /** One user message. */
  messageChars: 32_000,
  /** One model answer with its reasoning. The rest is cut off and the answer marked `interrupted`. */
  answerChars: 4_000_000,
  /** Text of one delta, and its reasoning; longer flushes are split. */
  deltaChars: 16_384,
  titleChars: 200,
  /** Code points of the first message that become the title of a new conversation. */
  derivedTitleCodePoints: 50,
  systemPromptChars: 8_000,
  clientIdChars: 64,
  modelChars: 128,
  searchChars: 200,
  /** A page cursor, opaque to clients. */
  cursorChars: 256,
  emailChars: 254,
  usernameMin: 3,
  usernameMax: 32,
  passwordMinBytes: 8,
  /** bcrypt ignores everything after byte 72 (OWASP Password Storage Cheat Sheet). */
  passwordMaxBytes: 72,
  tokenChars: 4_096,
  /** Live sessions of one user. A further one ends the least recently used. */
  sessions: 100,
  /** Keys of one user that are not revoked. */
  keys: 50,
  keyNameChars: 100,
  /** Webhooks of one user. */
  webhooks: 10,
  webhookUrlChars: 2_000,
  /** Deliveries that wait for the webhooks of one user. Further ones are dropped. */
  waitingDeliveries: 1_000,
  roleNameChars: 32,
  /** Maximum number of roles. */
  roles: 100,
  rolesPerUser: 20,
  /** Invitations that are neither used nor expired. */
  invitations: 1_000,
  /** Lifetime of an invitation. */
  invitationHours: 720,
  invitationHoursDefault: 168,
  /** Longer texts are no token of an invitation. */
  invitationChars: 128,
  /** Nodes in `GET /admin/nodes`. */
  nodes: 1_000,
  /** Characters of a node's id. */
  nodeId: 300,
  pageDefault: 20,
  pageMax: 100,
  messagePageDefault: 50,
  messagePageMax: 100,
  /** Text of one page, in UTF-8. The message or conversation that exceeds it is the last. */
  pageBytes: 1_048_576,
  /** Messages that one `message:delete` may delete. */
  deletedMessages: 10_000,
  /** Messages of one imported conversation. */
  importedMessages: 20_000,
  /** Entries of each list in the report of an import. */
  importRemarks: 100,
  /** Entries of `days` and of `by_model` in a report of usage. */
  usageDays: 31,
  usageModels: 50,
  /** Users in `GET /admin/usage?by=user`, and in `GET /admin/queue`. */
  usersInSums: 100,
  /** Unread messages that are counted; there may be more. */
  unreadCount: 100,
  /** Names of other members in a conversation. */
  memberNames: 5,
  /** How long a deleted conversation can be restored. */
  undoMs: 300_000,
  /** Streams of server-sent events of one user on one node. */
  streams: 20,
  /** One completion of `/v1` with an `Idempotency-Key`: its chunks, or its JSON. */
  completionChars: 16_000_000,
  /** Completions with an `Idempotency-Key` that run for one user. */
  durableCompletions: 20,
  /** How long such a completion is kept after its end. */
  completionMs: 900_000,
  /** Cursors in one `conversation:open`. */
  openCursors: 50,
  /** Conversations that one socket may have open. */
  openConversations: 50,
  maxTokens: 200_000,
  /** Largest id that JSON numbers carry exactly. */
  id: Number.MAX_SAFE_INTEGER,
  /** Attempts and sequence numbers are 32-bit. */
  cursorPart: 2_147_483_647,
  /** REST body and Socket.IO packet, in bytes. */
  payloadBytes: 262_144,
  /** Keys and entries in one body or payload, in all, and how deep they may be nested. */
  payloadValues: 1_000,
  payloadDepth: 16,
  /**
   * Body of `POST /v1/chat/completions`, in bytes; its fields; all keys and entries, and how deep they may be nested.
   */
  completionBytes: 20_971_520,
  completionFields: 1_000,
  completionValues: 100_000,
  completionDepth: 100,
  /** Such calls of one user on one node. */
  completions: 50,
  /** Bytes of a completion that its client has not read. */
  completionUnreadBytes: 4_194_304,
  /** Characters of a value in `GET /admin/settings`. */
  settingChars: 2_000,
  /** What a model server said of an answer that failed. */
  modelWordsChars: 1_000,
  /** Validation findings in one refusal. */
  findings: 20,
} as const;
