import type { Response } from 'express';
import type { Cursor } from '../../contract/events.js';
import { LIMITS } from '../../contract/limits.js';
import type { ChatPermission } from '../../contract/permissions.js';
import type { Message } from '../../contract/rest.js';
import type { Delta, End } from '../../domain/answers/follow.js';
import { completedPayload } from '../../domain/answers/outcome.js';
import { HeavyWork } from '../../domain/limits/heavy-work.js';
import { scaledBy } from '../../domain/limits/scaled.js';
import type { Rights } from '../../domain/rights/rights.js';
import type { Principal } from '../../entities/entities.js';
import { AppError } from '../../entities/errors.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { onClosed } from '../on-closed.js';
import { EventStream } from './event-stream.js';

export interface AnswerStreamsDeps {
  rights: Pick<Rights, 'require' | 'watch'>;
  telemetry: Pick<Telemetry, 'limited'>;
  /** Counts the bytes that are sent to a user. */
  charge(userId: number, bytes: number): void;
}

export interface StreamReader {
  principal: Principal;
  /** The stream ends when its reader loses it. */
  permission: ChatPermission;
  res: Response;
}

/** The content of a stream; it ends with `signal`. */
export type Produce = (stream: EventStream, signal: AbortSignal) => Promise<void>;

/** The streams of this node. Each ends with the right of its reader, and all of them when the node drains. */
export class AnswerStreams {
  readonly #deps: AnswerStreamsDeps;
  readonly #places: HeavyWork;
  readonly #open = new Set<AbortController>();
  #isClosing = false;

  /** `scale` multiplies the number of streams that a user may have; 0 means any number. */
  constructor(deps: AnswerStreamsDeps, scale: number) {
    this.#deps = deps;
    const perUser = scaledBy(scale)(LIMITS.streams);
    this.#places = new HeavyWork({ perUser, total: Number.POSITIVE_INFINITY }, () =>
      deps.telemetry.limited({ limit: 'streams' }),
    );
  }

  /**
   * Ends a stream silently if its reader may not or need not read it here any more. The reader then comes back, and
   * gets the present state.
   * @throws AppError `rate_limited`, and any error of `produce` before it has begun to send
   */
  async run({ principal, permission, res }: StreamReader, produce: Produce): Promise<void> {
    const { rights, charge } = this.#deps;
    const { userId } = principal;
    const stream = new EventStream(res, (bytes) => charge(userId, bytes));
    const right = rights.watch(principal, permission);
    const end = this.#begin();
    right.signal.addEventListener('abort', () => end.abort(right.signal.reason), { once: true });
    onClosed(res, () => end.abort());
    try {
      await this.#places.run(userId, async () => {
        await rights.require(principal, permission);
        await produce(stream, end.signal);
      });
    } catch (error) {
      const isExpected = end.signal.aborted || error instanceof AppError;
      if (!res.headersSent || !isExpected) throw errorOf(error, right.signal);
    } finally {
      stream.close();
      right.close();
      this.#open.delete(end);
    }
  }

  /** Ends all streams, and those that begin later right after their beginning. */
  close(): void {
    this.#isClosing = true;
    for (const end of this.#open) end.abort();
  }

  #begin(): AbortController {
    const end = new AbortController();
    this.#open.add(end);
    if (this.#isClosing) end.abort();
    return end;
  }
}

/** A call that lost its right before it began to send fails with that. */
const errorOf = (error: unknown, right: AbortSignal): unknown =>
  right.aborted ? right.reason : error;

const idOf = ({ attempt, seq }: Cursor): string => `${attempt}-${seq}`;

/** Whether the reader at `cursor` has text that this delta does not continue. */
const beginsAgain = ({ fromSeq, attempt }: Delta, cursor: Cursor): boolean =>
  fromSeq === 0 && cursor.attempt > 0 && (cursor.attempt !== attempt || cursor.seq > 0);

/** Sends an answer from `cursor` to its end. */
export async function sendAnswer(
  stream: EventStream,
  answer: Pick<Message, 'id' | 'conversation_id' | 'model'>,
  items: AsyncIterable<Delta | End>,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<void> {
  const ids = { conversation_id: answer.conversation_id, message_id: answer.id };
  let at = cursor;
  for await (const item of items) {
    if (item.kind === 'end') {
      const { message } = item;
      return stream.send(
        'completed',
        idOf(message),
        completedPayload(message, answer.model),
        signal,
      );
    }
    const { kind: _, fromSeq: _from, ...delta } = item;
    const { attempt, seq } = delta;
    if (beginsAgain(item, at))
      await stream.send('reset', idOf({ attempt, seq: 0 }), { attempt }, signal);
    at = { attempt, seq };
    await stream.send('delta', idOf(at), { ...ids, ...delta }, signal);
  }
}
