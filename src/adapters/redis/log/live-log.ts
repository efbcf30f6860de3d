import type { Cursor, RoomEvent } from '../../../contract/events.js';
import { onWire, type Piece, type Spoken } from '../../../contract/spoken.js';
import type { Logger } from '../../../domain/logger.js';
import { unavailable } from '../../../entities/errors.js';
import type {
  AppendResult,
  LiveLog,
  LogKey,
  LogSlice,
  PublishResult,
} from '../../../ports/live-log.js';
import type { Subscription } from '../../../ports/subscription.js';
import { deltaEvent } from '../../engine/delta-event.js';
import { longer, NOTHING } from '../../engine/longer.js';
import { Unreachable } from '../connection/circuit.js';
import type { RedisClient } from '../connection/clients.js';
import type { Shards } from '../connection/shards.js';
import { SingleFlight } from '../connection/single-flight.js';
import type { Keys } from '../keys.js';
import { AtOnce } from './at-once.js';
import type { ConversationReaders } from './conversation-readers.js';
import type { Envelopes, Outgoing } from './envelope.js';
import type { LogCommands, Placed, Written } from './log-commands.js';
import type { OwedResyncs } from './owed-resyncs.js';
import { OwedRetirements } from './owed-retirements.js';

export interface LiveLogDeps {
  client: RedisClient;
  shards: Shards;
  keys: Keys;
  commands: LogCommands;
  envelopes: Envelopes;
  readers: ConversationReaders;
  owed: OwedResyncs;
  /** Holds the text that this node writes, for its own readers while Redis is away. */
  shadow: LiveLog;
  logger: Logger;
}

const RETIRED_TTL_MS = 60_000;
const REFUSED_EVERY_MS = 10_000;
/**
 * After an outage every running answer writes its log again. All at once would take a busy Redis longer than a command
 * may take, which would count as the next outage.
 */
const REWRITES_AT_ONCE = 8;

/** The longest of the attempts' texts, each of which is followed by its reasoning. */
function longestOf(texts: readonly string[]): Spoken {
  let longest = NOTHING;
  for (let i = 0; i < texts.length; i += 2) {
    longest = longer(longest, { text: texts[i] ?? '', reasoning: texts[i + 1] ?? '' });
  }
  return longest;
}

/** The live log on Redis Streams: one stream per answer, with ids `<attempt>-<seq>`. */
export class RedisLiveLog implements LiveLog {
  #deps: LiveLogDeps;
  #reads = new SingleFlight<LogSlice | null>();
  #rewrites = new AtOnce(REWRITES_AT_ONCE);
  #recoveries = new Set<() => void>();
  #retirements: OwedRetirements;
  #refusals = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: LiveLogDeps) {
    this.#deps = deps;
    this.#retirements = new OwedRetirements((key) => deps.commands.expire(key, RETIRED_TTL_MS));
    for (const event of ['recovered', 'changed'] as const) {
      deps.shards.events.on(event, () => {
        for (const listener of [...this.#recoveries]) listener();
        void this.#retirements.pay();
      });
    }
  }

  async begin(key: LogKey, attempt: number, owner = ''): Promise<AppendResult> {
    const { commands, shadow } = this.#deps;
    await shadow.begin(key, attempt, owner);
    const begun = await commands
      .begin(key, attempt, owner)
      .catch((error: unknown) => this.#unreachable(error));
    return this.#result(key, begun);
  }

  /** A repeated entry was already delivered, or its delivery failed, when it was first appended. */
  async append(key: LogKey, cursor: Cursor, delta: Piece): Promise<AppendResult> {
    const { commands, envelopes, shadow } = this.#deps;
    void shadow.append(key, cursor, delta);
    const own = envelopes.wrap(key.conversationId, deltaEvent(key, cursor, delta));
    return this.#result(key, await this.#send(own, () => commands.append(key, cursor, delta, own)));
  }

  async rewrite(
    key: LogKey,
    attempt: number,
    deltas: readonly Piece[],
    owner = '',
  ): Promise<AppendResult> {
    const { commands, envelopes, owed, shadow } = this.#deps;
    await shadow.rewrite(key, attempt, deltas, owner);
    const written = await this.#rewrites.run(() => {
      const own = envelopes.wrap(key.conversationId, null);
      return this.#send(own, () => commands.rewrite(key, attempt, deltas, owner, own));
    });
    if (written === 'appended') owed.settle(key.conversationId);
    return this.#result(key, written);
  }

  read(key: LogKey, cursor: Cursor): Promise<LogSlice | null> {
    const name = `${this.#deps.keys.log(key)} ${cursor.attempt}-${cursor.seq}`;
    return this.#reads.run(name, () => this.#read(key, cursor));
  }

  async longest(key: LogKey): Promise<Spoken> {
    const { client, shards, keys, shadow } = this.#deps;
    const log = keys.log(key);
    try {
      const texts = await shards.of(log).circuit.run(() => client.parleyTexts(log));
      return longestOf(texts);
    } catch (error) {
      const own = await shadow.longest(key);
      if (own.text === '' && own.reasoning === '') throw unavailable(error);
      return own;
    }
  }

  async retire(key: LogKey): Promise<void> {
    await this.#deps.shadow.retire(key);
    await this.#retirements.retire(key);
  }

  async publish(conversationId: number, event: RoomEvent): Promise<PublishResult> {
    const { commands, envelopes } = this.#deps;
    const own = envelopes.wrap(conversationId, event);
    const written = await this.#send(own, () => commands.publish(own));
    return written === 'unreachable' ? written : 'appended';
  }

  resync(conversationId: number): Promise<void> {
    const { owed, readers } = this.#deps;
    readers.resync(conversationId);
    owed.add(conversationId);
    return owed.pay();
  }

  verify(conversationIds: readonly number[]): Promise<void> {
    return this.#deps.readers.verify(conversationIds);
  }

  onRecovered(listener: () => void): Subscription {
    this.#recoveries.add(listener);
    return { close: () => void this.#recoveries.delete(listener) };
  }

  subscribe: LiveLog['subscribe'] = (conversationId, reader) =>
    this.#deps.readers.subscribe(conversationId, reader);

  /** Publishes, and resolves when this node's readers have got it in order. */
  async #send(own: Outgoing, write: () => Promise<Placed>): Promise<Written | 'unreachable'> {
    const { readers } = this.#deps;
    readers.sending(own);
    let placed: Placed;
    try {
      placed = await write();
    } catch (error) {
      return this.#unsent(own, error);
    }
    if (placed.before === null) {
      readers.dropped(own);
      return placed.written;
    }
    const told = readers.placed(own, placed.before);
    if (told) await told;
    return placed.written;
  }

  #unsent(own: Outgoing, error: unknown): 'unreachable' {
    const { readers, owed } = this.#deps;
    owed.add(own.conversationId);
    if (own.event) readers.unplaced(own);
    else readers.dropped(own);
    return this.#unreachable(error);
  }

  #unreachable(error: unknown): 'unreachable' {
    if (!(error instanceof Unreachable)) this.#refused(error);
    return 'unreachable';
  }

  /** Counts refusals, because there may be one for every delta. */
  #refused(err: unknown): void {
    const now = performance.now();
    this.#refusals += 1;
    if (now - this.#refusedAt < REFUSED_EVERY_MS) return;
    const times = this.#refusals;
    this.#refusedAt = now;
    this.#refusals = 0;
    this.#deps.logger.error({ err, times }, 'redis refused a command of the live log');
  }

  /** A fenced answer belongs to another node now. */
  #result(key: LogKey, written: Written | 'unreachable'): AppendResult {
    if (written === 'fenced') void this.#deps.shadow.retire(key);
    return written === 'repeated' ? 'appended' : written;
  }

  async #read(key: LogKey, cursor: Cursor): Promise<LogSlice | null> {
    const { client, shards, keys, shadow } = this.#deps;
    const log = keys.log(key);
    try {
      const reply = await shards
        .of(log)
        .circuit.run(() => client.parleyRead(log, cursor.attempt, cursor.seq));
      if (!reply) return null;
      const [attempt, fromSeq, seq, text, reasoning] = reply;
      this.#deps.readers.sawAttempt(key, attempt);
      return { attempt, fromSeq, seq, ...onWire({ text, reasoning }) };
    } catch {
      const own = await shadow.read(key, cursor);
      if (!own) this.#deps.readers.doubt(key.conversationId);
      return own;
    }
  }
}
