import { setPriority } from 'node:os';
import { FLOODS } from './flood-kinds.js';

/** The attacker of the flood bench: a separate process that only takes CPU that nobody else wants. */
interface Order {
  url: string;
  tokens: string[];
  /** Names in `FLOODS`. */
  kinds: string[];
}

const LOW = 10;
const IN_FULL_COURSE = 50;
const counts = { sent: 0, refused: 0, dropped: 0 };
const running: { abort?: AbortController; floods?: Promise<unknown> } = {};

/** The flood is in full course once it is refused. */
function count(what: keyof typeof counts): void {
  counts[what] += 1;
  if (what === 'refused' && counts.refused % IN_FULL_COURSE === 0) process.send?.('refused');
}

function start({ url, tokens, kinds }: Order): void {
  const abort = new AbortController();
  running.abort = abort;
  const floods = kinds.map((kind, i) =>
    FLOODS[kind]?.({
      url,
      token: tokens[i] ?? '',
      headers: { 'x-forwarded-for': `198.51.100.${i + 1}` },
      signal: abort.signal,
      count,
    }),
  );
  running.floods = Promise.all(floods);
}

async function stop(): Promise<void> {
  running.abort?.abort();
  await running.floods;
  process.send?.({ ...counts });
}

setPriority(LOW);
process.on('message', (order: Order | 'stop' | 'counts') => {
  if (order === 'stop') void stop();
  else if (order === 'counts') process.send?.({ ...counts });
  else start(order);
});
process.on('disconnect', () => process.exit());
