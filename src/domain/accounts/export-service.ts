import type { User } from '../../contract/accounts.js';
import type {
  AccountExport,
  ExportedConversation,
  ExportedMessage,
} from '../../contract/export.js';
import { LIMITS } from '../../contract/limits.js';
import { notFound } from '../../entities/errors.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { HeavyWork } from '../limits/heavy-work.js';

type Admit = () => Promise<void>;

/** Rows per page. An answer may have megabytes, so there are few. */
const PAGE = 20;

/** Everything that is stored about a user, for that user. */
export class ExportService {
  #db: Database;
  #downloads: HeavyWork;

  constructor(db: Database, downloads: HeavyWork) {
    this.#db = db;
    this.#downloads = downloads;
  }

  /** Counts as one of the user's few exports until `send` ends. @throws AppError `rate_limited` */
  run<T>(userId: number, send: () => Promise<T>): Promise<T> {
    return this.#downloads.run(userId, send);
  }

  /** Everything except the conversations. */
  async head(user: User): Promise<Omit<AccountExport, 'conversations'>> {
    const { exports, webhooks: hooks } = this.#db;
    const [sessions, keys, webhooks, usage] = await Promise.all([
      exports.sessions(user.id),
      exports.keys(user.id),
      hooks.list(user.id, LIMITS.webhooks),
      exports.usage(user.id),
    ]);
    const exported_at = new Date().toISOString();
    return { exported_at, account: user, sessions, keys, webhooks, usage };
  }

  /** Read on demand: never more than a page is held. `admit` runs before each page, and rejects to end the export. */
  conversations(userId: number, admit: Admit): AsyncGenerator<ExportedConversation> {
    return paged(admit, (afterId) => this.#db.exports.conversations(userId, afterId, PAGE));
  }

  /** @throws AppError `not_found`, also for data of others */
  async conversation(userId: number, id: number): Promise<ExportedConversation> {
    const found = await this.#db.exports.conversation(userId, id);
    if (!found) throw notFound();
    return found;
  }

  /** The active branch of a conversation, from its first message on. */
  async *branch(
    { id, active_message_id: leafId }: Pick<ExportedConversation, 'id' | 'active_message_id'>,
    admit: Admit,
  ): AsyncGenerator<ExportedMessage> {
    const ids = leafId === null ? [] : await this.#db.exports.branch(id, leafId);
    let next = 0;
    yield* paged(admit, async (afterId) => {
      while ((ids[next] ?? Number.POSITIVE_INFINITY) <= afterId) next += 1;
      const some = ids.slice(next, next + PAGE);
      return some.length === 0 ? [] : this.#db.exports.some(id, afterId, some);
    });
  }

  /** The same for messages. The caller must have got the conversation from `conversations`. */
  messages(conversationId: number, admit: Admit): AsyncGenerator<ExportedMessage> {
    return paged(admit, (afterId) => this.#db.exports.messages(conversationId, afterId, PAGE));
  }
}

async function* paged<T extends { id: number }>(
  admit: Admit,
  read: (afterId: number) => Promise<T[]>,
): AsyncGenerator<T> {
  const next = async (afterId: number) => {
    await admit();
    return read(afterId);
  };
  for (let page = await next(0); page.length > 0; page = await next(page.at(-1)?.id ?? 0)) {
    yield* page;
  }
}
