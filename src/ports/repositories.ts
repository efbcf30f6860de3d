import type { GatewayNode } from '../contract/admin.js';
import type {
  Conversation,
  ConversationFields,
  Member,
  MemberRole,
  Message,
  User,
} from '../contract/rest.js';
import type {
  Device,
  ModelSettings,
  PromptMessage,
  SessionRecord,
  UserCredentials,
} from '../model/entities.js';
import type { AccountRepository } from './account-repository.js';
import type { AuditRepository } from './audit-repository.js';
import type { DeploymentRepository } from './deployment-repository.js';
import type { ExportRepository } from './export-repository.js';
import type { GenerationRepository } from './generation-repository.js';
import type { Removals } from './removals.js';
import type { RoleRepository } from './role-repository.js';
import type { ScreenRepository } from './screen-repository.js';
import type { UsageRepository } from './usage-repository.js';

export interface NewUser {
  email: string;
  username: string;
  passwordHash: string;
}

export interface UserRepository {
  /** Stores the user with the role `user`. @throws AppError `email_taken`, `username_taken`, also for another spelling that people take for the same. */
  create(user: NewUser): Promise<User>;
  /** In any spelling of the address that people take for the same. */
  findCredentials(email: string): Promise<UserCredentials | null>;
  find(id: number): Promise<User | null>;
  /** Holds the row until the transaction ends: sign-ins and changes of the password take turns. */
  holdCredentials(id: number): Promise<UserCredentials | null>;
  /** @throws AppError `email_taken`, `username_taken`. Null: no such user. */
  update(
    id: number,
    change: { email?: string; username?: string; passwordHash?: string },
  ): Promise<User | null>;
  /** Only if the hash is still `before`: a password that was changed meanwhile stays. */
  replaceHash(id: number, before: string, after: string): Promise<void>;
  /**
   * The user is gone at once, with sessions, roles, address and name; what only this user owns is erased later.
   * Resolves to the generations that run and are to be stopped.
   */
  delete(id: number): Promise<number[]>;
}

export interface NewSession extends Device {
  id: string;
  userId: number;
  rotatedAt: Date;
  expiresAt: Date;
}

export interface ActiveSession {
  session: SessionRecord;
  user: User;
  /** All that the user's roles have, as stored. */
  permissions: string[];
}

/** A session as a socket needs to know it. */
export interface SessionState {
  id: string;
  /** Neither revoked nor expired. */
  isAlive: boolean;
  /** Of its user. */
  isActive: boolean;
  username: string;
  roles: string[];
  /** As stored. */
  permissions: string[];
}

export interface SessionRepository {
  create(session: NewSession): Promise<SessionRecord>;
  /** Locks the row until the transaction ends: concurrent refreshes take turns. */
  findForUpdate(id: string): Promise<SessionRecord | null>;
  /** Sessions with their users, revoked, expired or disabled ones included: the caller judges. One query; called on every request. */
  findWithUsers(ids: readonly string[]): Promise<ActiveSession[]>;
  /** `rotatedAt` is also when it was last used. */
  rotate(
    id: string,
    turn: Device & { gen: number; rotatedAt: Date; seenGen: number; expiresAt: Date },
  ): Promise<void>;
  /** Records that tokens were given out again without a turn. */
  touch(id: string, use: Device & { at: Date }): Promise<void>;
  /** From where a user has signed in lately, each once, logged-out sessions included. The email is compared as `findCredentials` does. */
  addressesOf(email: string): Promise<string[]>;
  /** How these sessions stand, in one statement; what is missing is gone. */
  states(ids: readonly string[]): Promise<SessionState[]>;
  /**
   * One of a user's sessions as it stands, which stays so until the transaction ends: whoever would end it, or holds it
   * too, has the next turn. The user's row is locked before it, as everywhere. Null: it is gone, or another user's.
   */
  hold(userId: number, id: string): Promise<SessionState | null>;
  /** Records that a token of `gen` was presented. No-op when a higher one was. */
  markSeen(id: string, gen: number): Promise<void>;
  /** False when it was revoked already or does not exist. */
  revoke(id: string): Promise<boolean>;
  /** Revokes a user's live sessions, but for `exceptId`; answers their ids. */
  revokeAll(userId: number, exceptId?: string): Promise<string[]>;
  /** False when it is not this user's, was revoked already, or does not exist. */
  revokeOwn(userId: number, id: string): Promise<boolean>;
  /** Forgets at most `rows` that have expired; answers how many. */
  prune(rows: number): Promise<number>;
  /** Neither revoked nor expired, used last first; at most `LIMITS.sessions`. */
  listLive(userId: number): Promise<SessionRecord[]>;
  /** Revokes those of a user's live sessions that were used least recently, beyond `keep`; answers their ids. */
  revokeOldest(userId: number, keep: number): Promise<string[]>;
}

export interface ConversationPage {
  conversations: Conversation[];
  nextCursor: string | null;
}

export interface ViewQuery {
  id: number;
  /** Who looks. */
  memberId: number;
  /** Of the page. */
  limit: number;
  /** The page ends before this message. */
  afterId?: number;
  /** Messages of the conversation that are wanted wherever they are. */
  others: readonly number[];
}

/** Without its text where all of them have more than a page; then it is an answer that has ended. */
export type OtherMessage = Omit<Message, 'content'> & { content: string | null };

/** All of one moment. */
export interface ConversationSnapshot {
  conversation: Conversation;
  members: Member[];
  /** The end of the active branch. */
  page: MessagePage;
  /** Those of `others` that are not on the page. */
  others: OtherMessage[];
}

export interface ConversationRepository {
  /** The creator becomes its owner. */
  create(ownerId: number, fields: ConversationFields & { title: string }): Promise<Conversation>;
  /** As this member sees it; null for everybody else. */
  find(id: number, memberId: number): Promise<Conversation | null>;
  /** `find`, and holds the row lock until the transaction ends. */
  lock(id: number, memberId: number): Promise<Conversation | null>;
  /** Newest activity first. `q` searches titles and contents, without case. */
  list(
    memberId: number,
    query: { limit: number; cursor?: string; q?: string },
  ): Promise<ConversationPage>;
  update(id: number, fields: ConversationFields): Promise<void>;
  /**
   * It is gone for everybody at once, and erased later with its messages. What waits in it is stopped. Resolves to the
   * generations that run and are to be stopped.
   */
  delete(id: number): Promise<number[]>;
  members(id: number): Promise<Member[]>;
  /** What a device shows of a conversation, all of one moment; null for everybody but its members. */
  view(query: ViewQuery): Promise<ConversationSnapshot | null>;
  role(id: number, userId: number): Promise<MemberRole | null>;
}

/** A question, and the answer that is asked for. */
export interface NewTurn {
  conversationId: number;
  parentId: number | null;
  authorId: number;
  content: string;
  clientId: string | null;
  /** Kept with the question: what its author named, if anything. */
  askedModel: string | null;
  /** That is to answer. */
  model: string;
  /** What the conversation is called from now on; null leaves its title. */
  title: string | null;
}

export interface StoredTurn {
  question: Message;
  answer: Message;
  generationId: number;
  /** Of the conversation. */
  updatedAt: string;
}

/** What a model is asked with. */
export interface PromptSource {
  settings: ModelSettings;
  history: PromptMessage[];
}

export interface MessagePage {
  /** Oldest first. */
  messages: Message[];
  /** Older ones exist on this branch. */
  hasMore: boolean;
}

export interface MessageRepository {
  /**
   * Stores a user message, `completed`, an empty assistant message below it, `queued`, and its generation; makes the
   * answer the active leaf and moves the conversation up. One statement.
   */
  createTurn(turn: NewTurn): Promise<StoredTurn>;
  /** A user message by its author's key, with the answer that was first made to it, and what was asked for. */
  findByClientId(authorId: number, clientId: string): Promise<Message | null>;
  firstAnswer(messageId: number): Promise<Message | null>;
  /** As this member sees it; null for everybody else. */
  find(id: number, memberId: number): Promise<Message | null>;
  /** For the owner of a generation, without an asking user. */
  get(id: number): Promise<Message | null>;
  /** Those of `ids` that lie in the conversation. */
  findMany(conversationId: number, ids: readonly number[]): Promise<Message[]>;
  /** Walks from `leafId` towards the root: at most `limit`, fewer beyond `LIMITS.pageBytes`, ending before `afterId`. */
  branch(
    conversationId: number,
    leafId: number,
    query: { limit: number; afterId?: number },
  ): Promise<MessagePage>;
  /**
   * The settings of an answer's conversation, and the contents from the root's side down to the answer's question: the
   * newest `messages`, fewer once they have `bytes`, only what a model should read. One statement. Null: no such answer.
   */
  prompt(answerId: number, most: { messages: number; bytes: number }): Promise<PromptSource | null>;
}

export interface NodeBeat {
  id: string;
  hostname: string;
  version: string;
  hears: boolean;
  /** Equal for nodes that hear each other; empty: not known. */
  hub: string;
  /** Names the process on its machine; empty: not known. */
  process: string;
}

export type Rival = Pick<NodeBeat, 'id' | 'hostname' | 'hub' | 'process'>;

export interface NodeRepository {
  /**
   * Writes this node's heartbeat and forgets nodes that have been silent for a day. Resolves to those that beat, have another
   * hub, and have stood for longer without a silence.
   */
  beat(node: NodeBeat): Promise<Rival[]>;
  leave(id: string): Promise<void>;
  /** All that beat within the last day, the newest first; at most `limit`. */
  list(limit: number): Promise<GatewayNode[]>;
  /** Whether a node other than `id` has lately said that it hears. */
  peersHear(id: string): Promise<boolean>;
}

/** All tables; inside `transaction` all calls share one transaction, which commits when `work` resolves. */
export interface Repositories {
  users: UserRepository;
  accounts: AccountRepository;
  sessions: SessionRepository;
  roles: RoleRepository;
  audit: AuditRepository;
  conversations: ConversationRepository;
  messages: MessageRepository;
  generations: GenerationRepository;
  usage: UsageRepository;
  exports: ExportRepository;
  nodes: NodeRepository;
  deployment: DeploymentRepository;
  screens: ScreenRepository;
}

export interface Database extends Repositories {
  removals: Removals;
  /** Connection loss surfaces as AppError `unavailable`. */
  transaction<T>(work: (tx: Repositories) => Promise<T>): Promise<T>;
  /** Resolves when Postgres answers; rejects with AppError `unavailable`. */
  ping(): Promise<void>;
}
