import type { RoomEvent } from '../../src/contract/events.js';
import type { LiveLog } from '../../src/ports/live-log.js';

/** Everything that one reader got, in order, as it would pass it on. */
export type Collected = RoomEvent[] & { resyncs: number; close(): void };

export async function collect(log: LiveLog, conversationId: number): Promise<Collected> {
  const events: Collected = Object.assign([] as RoomEvent[], { resyncs: 0, close() {} });
  const subscription = await log.subscribe(conversationId, {
    onEvent: (event, json) =>
      void events.push(json === undefined ? event : { ...event, payload: JSON.parse(json) }),
    onResync: () => {
      events.resyncs += 1;
    },
  });
  events.close = () => subscription.close();
  return events;
}

/** Resolves when the reader has got `count` events and resyncs. mocha's time-out is the deadline. */
export async function until(events: Collected, count: number): Promise<void> {
  while (events.length + events.resyncs < count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const delta = (event: RoomEvent): string =>
  event.name === 'message:delta'
    ? `${event.payload.attempt}-${event.payload.seq} ${event.payload.text}`
    : event.name;
