import type { AckData, ClientEventName, ClientPayload } from '../contract/events.js';

export type Call = <E extends ClientEventName>(
  event: E,
  payload: ClientPayload<E>,
) => Promise<AckData<E>>;
