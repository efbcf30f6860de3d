import type { Cursor } from '../../contract/events.js';
import type { Message } from '../../contract/rest.js';
import type { Finished, FinishedMessage, FollowedAnswer } from '../../entities/entities.js';
import { notFound } from '../../entities/errors.js';
import { type LiveLog, logKeyOf } from '../../ports/live-log.js';
import type { AnswerWatch } from './reading/answer-watch.js';
import { DeltaFeed } from './reading/delta-feed.js';
import { type Delta, GivenText } from './reading/given-text.js';

export type { Delta } from './reading/given-text.js';

/** The end, as stored in Postgres. */
export interface End<A extends FollowedAnswer = Message> {
  kind: 'end';
  message: Finished<A>;
}

export interface FollowerDeps<A extends FollowedAnswer> {
  log: Pick<LiveLog, 'subscribe' | 'read'>;
  /** Null if this user may not see the answer. */
  messages: { find(id: number, userId: number): Promise<A | null> };
  watch: AnswerWatch;
}

/** A lost delta shows only when another one follows, so during silence the log is read this often. */
const SILENCE_MS = 3_000;

/**
 * Follows answers on any node, wherever they run. Deltas come in order, without gaps or repetitions, whatever
 * happens to nodes and stores. A new attempt begins the text again. The last item is the only End; the deltas before
 * it, from the last one with `fromSeq` 0 on, make up the text in Postgres. For an ended answer it yields what
 * `cursor` lacks, and the End. A slow reader gets fewer, larger deltas and costs no more memory. Membership is
 * checked again every few seconds and before the End; whether the session still holds is up to `signal`.
 */
export class AnswerFollower<A extends FollowedAnswer = Message> {
  #deps: FollowerDeps<A>;

  constructor(deps: FollowerDeps<A>) {
    this.#deps = deps;
  }

  /**
   * Waits out an outage of any store once it has begun. End it by `signal`, or by leaving the loop.
   * @throws AppError `not_found`, also if the answer is deleted or hidden meanwhile; the signal's reason
   */
  async *follow(
    userId: number,
    messageId: number,
    cursor: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<Delta | End<A>, void> {
    const answer = await this.#deps.messages.find(messageId, userId);
    if (!answer) throw notFound();
    yield* this.followStored(userId, answer, cursor, signal);
  }

  /** The same for an answer that was already read for this user. */
  async *followStored(
    userId: number,
    answer: A,
    cursor: Cursor,
    signal: AbortSignal,
  ): AsyncGenerator<Delta | End<A>, void> {
    const feed = new DeltaFeed(answer.id);
    const reading = await this.#open(userId, answer, feed);
    signal.addEventListener('abort', reading.close);
    try {
      const given = new GivenText(cursor);
      for (;;) {
        signal.throwIfAborted();
        const end = reading.end();
        const delta = end ? await this.#rest(end, given) : await this.#next(answer, feed, given);
        if (delta) yield delta;
        if (end) {
          yield { kind: 'end', message: end };
          return;
        }
      }
    } finally {
      signal.removeEventListener('abort', reading.close);
      reading.close();
    }
  }

  async #open(userId: number, answer: A, feed: DeltaFeed) {
    const { log, messages, watch } = this.#deps;
    const watched = await watch.begin<A>(answer, () => messages.find(answer.id, userId));
    const subscription = await log
      .subscribe(answer.conversation_id, feed)
      .catch((error: unknown) => {
        watched.close();
        throw error;
      });
    const timer = setInterval(() => feed.look(), SILENCE_MS);
    let settled: (() => Finished<A>) | null = null;
    const settle = (ended: () => Finished<A>) => {
      settled = ended;
      feed.wake();
    };
    watched.ended.then(
      (message) => settle(() => message),
      (error: unknown) =>
        settle(() => {
          throw error;
        }),
    );
    const close = () => {
      clearInterval(timer);
      subscription.close();
      watched.close();
      feed.wake();
    };
    return { end: () => settled?.() ?? null, close };
  }

  /** The next delta; null if there is none yet, or if something else has happened. */
  async #next(answer: A, feed: DeltaFeed, given: GivenText): Promise<Delta | null> {
    const live = feed.take(given.cursor);
    if (live) return given.take({ ...live, fromSeq: live.seq - 1 });
    if (!feed.takeDoubt()) {
      await feed.changed();
      return null;
    }
    const slice = await this.#deps.log.read(logKeyOf(answer), given.cursor);
    return slice && given.take(slice);
  }

  /** The rest of an ended answer. If its beginning was not given here, only the log knows where the rest begins. */
  async #rest(end: Finished<A>, given: GivenText): Promise<Delta | null> {
    if (given.knows(end)) return given.rest(end);
    const slice = await this.#deps.log.read(logKeyOf(end), given.cursor);
    const has = slice && slice.attempt === end.attempt && slice.seq === end.seq;
    return has ? given.take(slice) : given.whole(end);
  }
}

/** Waits for the end, and ignores the text. */
export async function endOf(items: AsyncIterable<Delta | End>): Promise<FinishedMessage> {
  for await (const item of items) if (item.kind === 'end') return item.message;
  throw new Error('an answer without an end');
}
