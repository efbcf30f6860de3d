import { AddressBuckets } from '../../domain/limits/address-buckets.js';
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

/** Requests come in bursts, as when a page with all its files is opened. */
const BURST_SECONDS = 10;

/** The limit on a user's events, which all sockets share, is met first. */
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

/** What an address gets at once of its budget; the rest of a burst comes at a pace that others do not notice. */
const AT_ONCE = { requests: 500, connections: 20 };
const REQUEST_PACE = 2;
/** Of the handshakes that are limited by code, as many again are taken to be told so. */
const HEARD = 2;
/** In which an address gets the connections of a whole minute. */
const CONNECTION_PACE_SECONDS = 12;

export function addressRequests({ scale, addressRequestsPerSecond }: FloodConfig): Allowance {
  const perSecond = scaledBy(scale)(addressRequestsPerSecond);
  return {
    budget: new AddressBuckets(perSecond, perSecond * BURST_SECONDS),
    pace: new AddressBuckets(perSecond * REQUEST_PACE, AT_ONCE.requests),
  };
}

export function addressConnections({ scale, handshakesPerMinute }: FloodConfig): Allowance {
  const perMinute = scaledBy(scale)(handshakesPerMinute) * HEARD;
  return {
    budget: new AddressBuckets(perMinute / 60, perMinute),
    pace: new AddressBuckets(perMinute / CONNECTION_PACE_SECONDS, AT_ONCE.connections),
  };
}
