import { AddressBuckets } from '../../domain/address-buckets.js';
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

const scaledBy =
  (scale: number) =>
  (limit: number): number =>
    scale === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(limit * scale));

export function floodSettings(config: FloodConfig): FloodSettings {
  const scaled = scaledBy(config.scale);
  return {
    packetsPerSecond: scaled(config.eventsPerSecond * PACKETS_PER_EVENT),
    bytesPerSecond: scaled(config.socketBytesPerSecond),
    connectionsPerUser: scaled(config.connectionsPerUser),
    connectionsPerAddress: scaled(config.connectionsPerAddress),
    handshakesPerMinute: scaled(config.handshakesPerMinute),
  };
}

export function addressRequests({ scale, addressRequestsPerSecond }: FloodConfig): AddressBuckets {
  const perSecond = scaledBy(scale)(addressRequestsPerSecond);
  return new AddressBuckets(perSecond, perSecond * BURST_SECONDS);
}
