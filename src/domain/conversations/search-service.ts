import { LIMITS } from '../../contract/limits.js';
import type { SearchPage, SearchQuery } from '../../contract/search.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { HeavyWork } from '../limits/heavy-work.js';
import { UserQueue } from '../limits/user-queue.js';

const WAITING = 5;
/** Results are small: what costs is the reading that finds them. */
const NO_BUDGET = { reserve: () => 0, waitMs: () => 0 };

export interface SearchServiceDeps {
  db: Pick<Database, 'conversations'>;
  searches: HeavyWork;
}

/** Searches of one user run one after another; those of all users are bounded, and each has a time limit. */
export class SearchService {
  readonly #deps: SearchServiceDeps;
  readonly #queue = new UserQueue({ atOnce: 1, mostWaiting: WAITING }, NO_BUDGET);

  constructor(deps: SearchServiceDeps) {
    this.#deps = deps;
  }

  /**
   * `isWanted`: whether somebody still waits for it when its turn comes.
   * @throws AppError `rate_limited` while too many wait or run, `unavailable` for one that takes too long
   */
  search(userId: number, query: SearchQuery, isWanted?: () => boolean): Promise<SearchPage> {
    const { db, searches } = this.#deps;
    const limit = query.limit ?? LIMITS.pageDefault;
    const search = () => db.conversations.search(userId, { ...query, limit });
    const kind = isWanted ? { isWanted } : {};
    return this.#queue.run(userId, () => searches.run(userId, search), kind);
  }
}
