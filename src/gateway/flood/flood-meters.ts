import { TokenBucket } from '../../domain/limits/token-bucket.js';
import { cutOff } from '../connection/cut-off.js';
import { type Connection, sizeOf, websocketOf } from '../engine-io.js';

export interface FloodLimits {
  /** Packets of one connection; a large one counts as several. */
  packetsPerSecond: number;
  bytesPerSecond: number;
}

interface Watched extends Pick<Connection, 'transport'> {
  on(event: 'packet', listener: (packet: { data?: unknown }) => void): unknown;
  on(event: 'upgrade', listener: () => void): unknown;
  close(discard?: boolean): unknown;
}

interface Meter {
  granted: TokenBucket;
  /** Budget of refusals. Beyond it the connection is ended. */
  refused: TokenBucket;
  /** The wait after the last packet; 0 if it was within the budget. */
  waitMs: number;
  flooded: boolean;
  /** Ends the connection of a stranger. */
  dropStranger: () => void;
  /** Ends the connection of whoever is logged in; null if nobody is. */
  drop: (() => void) | null;
}

/** Traffic comes in bursts: the budget of this many seconds may be used at once. */
const BURST_SECONDS = 10;
/** Packets beyond the budget that still get a refusal. */
const REFUSALS = { burst: 200, perSecond: 5 };
/** No token is as long, so nobody needs more to log in. */
const STRANGERS_BYTES = 16_384;

/**
 * Meters the input of each connection before it is decoded. Input beyond the budget is refused; a client that
 * continues is disconnected.
 */
export class FloodMeters {
  readonly #limits: FloodLimits | null;
  #meters = new WeakMap<object, Meter>();

  /** Null switches the meters off. */
  constructor(limits: FloodLimits | null) {
    this.#limits = limits;
  }

  /** Call it for each new connection. A flood calls `onFlood` and ends the connection. */
  watch(connection: Watched, onFlood: () => void): void {
    if (!this.#limits) return;
    const meter = this.#create(this.#limits, () => {
      onFlood();
      cutOff(connection, () => connection.close(true));
    });
    this.#meters.set(connection, meter);
    const { packetsPerSecond, bytesPerSecond } = this.#limits;
    const perByte = packetsPerSecond / bytesPerSecond;
    connection.on('packet', ({ data }) => {
      const size = sizeOf(data);
      if (size > STRANGERS_BYTES && meter.drop === null) end(meter);
      else count(meter, Math.max(1, size * perByte));
    });
    watchPings(connection, meter);
    connection.on('upgrade', () => watchPings(connection, meter));
  }

  /**
   * Lets large packets in from now on; a flood calls `drop` instead of `onFlood`. Returns a function that ends this,
   * unless somebody else has logged in meanwhile.
   */
  logIn(connection: object, drop: () => void): () => void {
    const meter = this.#meters.get(connection);
    if (!meter) return () => {};
    meter.drop = drop;
    return () => {
      if (meter.drop === drop) meter.drop = null;
    };
  }

  /** The ms to wait after the packet that has just arrived; 0 if it was within the budget. */
  waitMs(connection: object): number {
    return this.#meters.get(connection)?.waitMs ?? 0;
  }

  #create({ packetsPerSecond }: FloodLimits, dropStranger: () => void): Meter {
    const now = performance.now();
    return {
      granted: new TokenBucket(packetsPerSecond, packetsPerSecond * BURST_SECONDS, now),
      refused: new TokenBucket(REFUSALS.perSecond, REFUSALS.burst, now),
      waitMs: 0,
      flooded: false,
      dropStranger,
      drop: null,
    };
  }
}

/** Pings of the websocket itself get their pongs below Engine.IO, which never sees them. */
function watchPings(connection: Pick<Connection, 'transport'>, meter: Meter): void {
  websocketOf(connection)?.on('ping', () => count(meter, 1));
}

function count(meter: Meter, cost: number): void {
  const now = performance.now();
  meter.waitMs = meter.granted.take(cost, now);
  if (meter.waitMs === 0 || meter.flooded || meter.refused.take(cost, now) === 0) return;
  end(meter);
}

/** Packets that have already arrived are not decoded any more. */
function end(meter: Meter): void {
  if (meter.flooded) return;
  meter.flooded = true;
  const drop = meter.drop ?? meter.dropStranger;
  drop();
}
