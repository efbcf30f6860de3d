import { bytes } from './bytes.js';
import { claims } from './claims.js';
import { fanOut } from './fan-out.js';
import { flood } from './flood.js';
import { history } from './history.js';
import { idle } from './idle.js';
import { imports } from './imports.js';
import { latency } from './latency.js';
import { nodes } from './nodes.js';
import { page } from './page.js';
import { redis } from './redis.js';
import type { Results } from './results.js';
import { resume } from './resume.js';
import { search } from './search.js';
import { sockets } from './sockets.js';
import { start } from './start.js';
import { stores } from './stores.js';
import { streams } from './streams.js';
import { tokens } from './tokens.js';

/** Resolves to the rows of its table. `small` only shows that it works. */
type Bench = (small: boolean) => Promise<Results>;

export const BENCHES = {
  bytes,
  claims,
  'fan-out': fanOut,
  flood,
  history,
  idle,
  imports,
  latency,
  nodes,
  page,
  redis,
  resume,
  search,
  sockets,
  start,
  stores,
  streams,
  tokens,
} satisfies Record<string, Bench>;
