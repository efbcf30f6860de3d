import { KeyedBuckets } from '../../domain/limits/keyed-buckets.js';
import { scaledBy } from '../../domain/limits/scaled.js';
import type { Allowance } from './door.js';
import type { FloodSettings } from './flood-guard.js';

export interface FloodConfig {
  /** Multiplies every limit; 0 turns them off. */
  scale: number;
  handshakesPerMinute: number;
  eventsPerSecond: number;
  socketBytesPerSecond: number;
  connectionsPerUser: number;
  connectionsPerAddress: number;
  addressRequestsPerSecond: number;
}

/** Requests come in bursts, for example when a page and all its files are opened. */
const BURST_SECONDS = 10;

/** Leaves room for the limit on a user's events, which all sockets share, to apply first. */
const PACKETS_PER_EVENT = 2;

export function floodSettings(config: FloodConfig): FloodSettings {
  const scaled = scaledBy(config.scale);
  return {
    packetsPerSecond: scaled(config.eventsPerSecond * PACKETS_PER_EVENT),
    bytesPerSecond: scaled(config.socketBytesPerSecond),
    connectionsPerUser: scaled(config.connectionsPerUser),
    connectionsPerAddress: scaled(config.connectionsPerAddress),
  };
}

/** The part of a budget that is usable at once. The rest of a burst is let in at a pace that others do not notice. */
const AT_ONCE = { requests: 500, connections: 20 };
const REQUEST_PACE = 2;
/** Connections per permitted handshake. The extra ones can be refused with an error code. */
const HEARD = 2;
/** Time in which an address may open the connections of a whole minute. */
const CONNECTION_PACE_SECONDS = 12;

export function addressRequests({ scale, addressRequestsPerSecond }: FloodConfig): Allowance {
  const perSecond = scaledBy(scale)(addressRequestsPerSecond);
  return {
    budget: new KeyedBuckets(perSecond, perSecond * BURST_SECONDS),
    pace: new KeyedBuckets(perSecond * REQUEST_PACE, AT_ONCE.requests),
  };
}

export function addressConnections({ scale, handshakesPerMinute }: FloodConfig): Allowance {
  const perMinute = scaledBy(scale)(handshakesPerMinute) * HEARD;
  return {
    budget: new KeyedBuckets(perMinute / 60, perMinute),
    pace: new KeyedBuckets(perMinute / CONNECTION_PACE_SECONDS, AT_ONCE.connections),
  };
}
