import { setTimeout as sleep } from 'node:timers/promises';
import {
  BEGINNING,
  type Cursor,
  type LiveText,
  type MessageCursor,
  type ResumedText,
} from '../../contract/events.js';
import type { Message, MessageStatus } from '../../contract/rest.js';
import { onWire } from '../../contract/spoken.js';
import { isFinished } from '../../entities/entities.js';
import { notFound } from '../../entities/errors.js';
import { type LiveLog, type LogSlice, logKeyOf } from '../../ports/live-log.js';
import type { NodeNotices } from '../../ports/node-notices.js';
import type { StopResult } from '../../ports/repositories/generation-repository.js';
import type { Database } from '../../ports/repositories/repositories.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { requireRole } from '../rights/access.js';
import { type Asker, holdRight } from '../rights/held-right.js';
import { announceStoredEnd } from './announce-end.js';
import type { AnswerNews } from './answer-news.js';
import type { WaitingLine } from './claims/waiting-line.js';
import type { AnswerWatch } from './reading/answer-watch.js';

export interface GenerationServiceDeps {
  db: Database;
  log: LiveLog;
  news: Pick<AnswerNews, 'tell'>;
  notices: NodeNotices;
  watch: AnswerWatch;
  leaseMs: number;
  line: WaitingLine;
  telemetry: Telemetry;
}

/** Time in which a stop waits for the owner's confirmation. After that it replies with what is known. */
const STOP_WAIT_MS = 2_000;

export class GenerationService {
  #deps: GenerationServiceDeps;

  constructor(deps: GenerationServiceDeps) {
    this.#deps = deps;
  }

  /** Ends an answer early, on whichever node it runs, and keeps the text so far. Idempotent. */
  async stop(asker: Asker, messageId: number): Promise<MessageStatus> {
    const { db, leaseMs } = this.#deps;
    const { userId } = asker;
    const message = await this.#find(userId, messageId);
    const role = await db.conversations.role(message.conversation_id, userId);
    requireRole(role, 'editor');
    if (isFinished(message)) return message.status;
    const watched = await this.#deps.watch.begin(message, () =>
      this.#deps.db.messages.get(message.id),
    );
    try {
      const stop = await db.transaction(async (tx) => {
        await holdRight(tx, asker, 'messages:send');
        requireRole(await tx.conversations.role(message.conversation_id, userId), 'editor');
        return tx.generations.requestStop(messageId, leaseMs);
      });
      if (stop) await this.carryOut({ ...stop, messageId });
      const end = await Promise.race([watched.ended, sleep(STOP_WAIT_MS, null, { ref: false })]);
      return end?.status ?? (await this.#unheard(message));
    } finally {
      watched.close();
    }
  }

  /** The text that `cursor` lacks of a running or ended answer. */
  async resume(userId: number, cursor: MessageCursor): Promise<ResumedText> {
    const message = await this.#find(userId, cursor.message_id);
    const { message_id: _, ...text } = await this.#textBeyond(message, cursor);
    this.#deps.telemetry.answerResumed({ outcome: outcomeOf(cursor, text) });
    return text;
  }

  /** The text of an unfinished answer beyond `cursor`; null if it has ended meanwhile. */
  async liveText(message: Message, cursor = BEGINNING): Promise<LiveText | null> {
    const live = await this.#textBeyond(message, cursor);
    if (live.status === 'queued') {
      const position = (await this.positions([message.id])).get(message.id);
      if (position !== undefined) return { ...live, position };
    }
    return live.status === 'queued' || live.status === 'streaming' ? live : null;
  }

  /** Positions in line of the answers that wait, by message. */
  positions(messageIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.#deps.line.positions(messageIds);
  }

  async #find(userId: number, messageId: number): Promise<Message> {
    const message = await this.#deps.db.messages.find(messageId, userId);
    if (!message) throw notFound();
    return message;
  }

  async #textBeyond(message: Message, cursor: Cursor): Promise<LiveText> {
    const slice = await this.#deps.log.read(logKeyOf(message), cursor);
    if (slice && !isFinished(message)) {
      const begun = slice.attempt > message.attempt;
      return toLive(message.id, begun ? 'streaming' : message.status, slice);
    }
    if (slice && slice.attempt === message.attempt && slice.seq >= message.seq) {
      return toLive(message.id, message.status, slice);
    }
    return this.#storedText(message.id, cursor);
  }

  /** Reads an answer without a log: the whole text if it has ended, otherwise nothing new yet. */
  async #storedText(messageId: number, cursor: Cursor): Promise<LiveText> {
    const message = await this.#deps.db.messages.get(messageId);
    if (!message) throw notFound();
    const { attempt, status, content, reasoning } = message;
    if (isFinished(message)) {
      return toLive(messageId, status, {
        ...{ attempt, fromSeq: 0, seq: message.seq },
        ...onWire({ text: content, reasoning: reasoning ?? '' }),
      });
    }
    const seq = cursor.attempt === attempt ? cursor.seq : 0;
    return toLive(messageId, status, { attempt, fromSeq: seq, seq, text: '' });
  }

  /** An owner that is cut off ends its answer in Postgres but cannot announce it, so this node does. */
  async #unheard(message: Message): Promise<MessageStatus> {
    const { db, log, news } = this.#deps;
    const now = await db.messages.get(message.id);
    if (!now || !isFinished(now)) return message.status;
    await announceStoredEnd({ log, news }, now, { retire: false, forget: null });
    return now.status;
  }

  /** The steps of a stop after its transaction: notifies the owner, or announces the end if nobody runs the answer. */
  async carryOut(stop: StopResult & { messageId: number }): Promise<void> {
    const { db, log, news, notices, telemetry } = this.#deps;
    if (stop.state !== 'finished') {
      return notices.send({ type: 'stop', generationId: stop.generationId });
    }
    telemetry.answerEnded({ status: 'stopped', attempt: 0, ms: 0, usage: null });
    const forget = () => db.generations.delete([stop.generationId]);
    const ended = await db.messages.get(stop.messageId);
    if (ended && isFinished(ended))
      await announceStoredEnd({ log, news }, ended, { retire: false, forget });
    else await forget();
    await notices.send({ type: 'work' });
  }
}

/** A reader without any text gets the rest, which is all of it. */
function outcomeOf(cursor: Cursor, { from_seq, seq, attempt }: ResumedText) {
  if (attempt === cursor.attempt && seq === from_seq) return 'nothing';
  return cursor.seq > 0 && from_seq === 0 ? 'anew' : 'rest';
}

const toLive = (message_id: number, status: MessageStatus, slice: LogSlice): LiveText => ({
  message_id,
  status,
  attempt: slice.attempt,
  from_seq: slice.fromSeq,
  seq: slice.seq,
  text: slice.text,
  ...(slice.reasoning && { reasoning: slice.reasoning }),
});
