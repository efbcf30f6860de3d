import type { AnswerStreamEvents } from '../../src/contract/stream.js';
import { EventReader } from './event-reader.js';

type Name = keyof AnswerStreamEvents;
export type StreamEvent = {
  [E in Name]: { event: E; id: string; data: AnswerStreamEvents[E] };
}[Name];

/** Reads the stream of an answer. */
export class SseReader extends EventReader {
  get events(): StreamEvent[] {
    return this.received.map((one) => ({ ...one, data: JSON.parse(one.data) }) as StreamEvent);
  }

  /** The text since the last reset. */
  get text(): string {
    const { events } = this;
    const from = events.findLastIndex(({ event }) => event === 'reset');
    return events
      .slice(from + 1)
      .map((one) => (one.event === 'delta' ? one.data.text : ''))
      .join('');
  }

  all<E extends Name>(name: E): AnswerStreamEvents[E][] {
    return this.events.flatMap((one) =>
      one.event === name ? [one.data as AnswerStreamEvents[E]] : [],
    );
  }
}
