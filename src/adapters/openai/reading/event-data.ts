/** Values of `data:` besides JSON. Real servers send all of these. */
const NOTHING = /^(|""|null|none|undefined|\[?"?(ping|heartbeat|keep-?alive)"?\]?)$/i;
const DONE =
  /^["'`]?\s*(\[+\s*(done|end|eos|eof|stream[ _-]?(end|done))\s*\]+\.?|<\|?(done|end)\|?>|done)\s*["'`]?$/i;
/** Names of events without data that mean the same. */
const END = /^(done|end|eos|eof|stop|close|complete|completed|finish|finished)$/i;
/** Some proxies wrap an event in another one: `data: data: {…}`. */
const WRAPPING = /^(\s|data:)+/;

/** The data without surrounding white space, byte order marks and field names. */
export const bareData = (data: string): string => data.replace(WRAPPING, '').trimEnd();

/** Bare data that only shows that the server is alive. */
export const saysNothing = (bare: string): boolean => NOTHING.test(bare);

/** Bare data that ends the stream. */
export const saysDone = (bare: string): boolean => DONE.test(bare);

/** An event whose name alone ends the stream. */
export function isEndEvent(event: string, data: string): boolean {
  return END.test(event) && /^(\{\s*\})?$/.test(data.trim());
}

/** Whether a line is complete without the lines around it. */
export function isWholeData(line: string): boolean {
  const bare = bareData(line);
  return saysNothing(bare) || saysDone(bare) || parseJson(bare) !== undefined;
}

/** Undefined if it is not JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
