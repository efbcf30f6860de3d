import type { Behaviour } from '../../lab/models/upstream-wire.js';
import {
  DONE,
  finishChunk,
  openEventStream,
  roleChunk,
  textChunk,
} from '../../lab/models/upstream-wire.js';

export interface Rate {
  /** Characters of a token. */
  size: number;
  perSecond: number;
}

const TICK_MS = 10;

/** Answers with a text, token by token. Tokens that a late timer missed go out with the next one. */
export function writing(text: string, { size, perSecond }: Rate): Behaviour {
  const tokens = text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
  return (response) => {
    openEventStream(response);
    response.write(roleChunk());
    const begun = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) / 1_000) * perSecond);
      const next = tokens.slice(sent, due);
      sent += next.length;
      response.write(next.map(textChunk).join(''));
      if (sent < tokens.length) return;
      clearInterval(timer);
      response.end(finishChunk('stop') + DONE);
    }, TICK_MS);
    response.on('close', () => clearInterval(timer));
  };
}
