import type { Connection } from '../../src/client/connection/connection.js';
import type { ParleyClient } from '../../src/client/index.js';
import type {
  AckData,
  ClientEventName,
  ClientPayload,
  LiveText,
  RoomEvents,
} from '../../src/contract/events.js';
import type { Message } from '../../src/contract/rest.js';

type Delta = RoomEvents['message:delta'];

/**
 * The text and deltas that a client of the product gets of one answer, below its own rules, which would repair much:
 * after each opening exactly the missing text, then every delta once and in order. Only the first deltas after an
 * opening may repeat earlier ones, because a node may hear of them later than the log has them.
 */
export class Tap {
  /** Violations that were found. */
  readonly faults: string[] = [];
  /** The seq from which each opening continued. */
  readonly resumedFrom: number[] = [];
  text = '';
  #messageId: number;
  /** The last seq whose text is here. */
  #seq = 0;
  /** The last seq that came as a delta since the opening. */
  #delta = 0;
  /** The seq at which the text of the opening ended. */
  #opening = 0;
  /** Deltas that wait for an ack; null while no ack is awaited. */
  #held: Delta[] | null = null;

  constructor(client: ParleyClient, messageId: number) {
    this.#messageId = messageId;
    const connection = client.connection as Connection;
    connection.subscribe(({ state }) => {
      if (state !== 'online') this.#held = null;
    });
    connection.on('message:delta', (delta) => this.#given(delta));
    const call = connection.call.bind(connection);
    connection.call = async <E extends ClientEventName>(event: E, payload: ClientPayload<E>) => {
      if (event === 'conversation:open') this.#held = [];
      if (event === 'generation:resume') this.faults.push('a resume was needed');
      const data = await call(event, payload);
      if (event === 'conversation:open') this.#opened(data as AckData<'conversation:open'>);
      return data;
    };
  }

  #given(delta: Delta): void {
    if (delta.message_id !== this.#messageId) return;
    if (this.#held) this.#held.push(delta);
    else this.#take(delta);
  }

  #take({ attempt, seq, text }: Delta): void {
    const isRepeated = seq > this.#delta && seq <= this.#opening;
    if (attempt !== 1 || (seq !== this.#seq + 1 && !isRepeated)) {
      this.faults.push(`delta ${attempt}-${seq} where 1-${this.#seq + 1} was due`);
    }
    this.#delta = seq;
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.text += text;
  }

  #opened({ live, messages }: AckData<'conversation:open'>): void {
    const held = this.#held ?? [];
    this.#held = null;
    const running = live.find(({ message_id }) => message_id === this.#messageId);
    const ended = messages.find(
      ({ id, status }) => id === this.#messageId && status === 'completed',
    );
    if (running) this.#resumed(running);
    else if (ended) this.#ended(ended);
    else this.faults.push('an opening that does not tell of the answer');
    this.#opening = this.#seq;
    this.#delta = 0;
    for (const delta of held) this.#take(delta);
  }

  #ended({ seq, content }: Message): void {
    this.#seq = seq;
    this.text = content;
  }

  #resumed({ attempt, from_seq, seq, text }: LiveText): void {
    if (attempt !== 1 || from_seq !== this.#seq) {
      this.faults.push(`the text from ${attempt}-${from_seq} where 1-${this.#seq} was the last`);
    }
    this.resumedFrom.push(from_seq);
    this.#seq = seq;
    this.text += text;
  }
}
