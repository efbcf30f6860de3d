/** What `data:` may hold besides JSON. All of it was seen from servers in use. */
const NOTHING = /^(|""|null|none|undefined|\[?"?(ping|heartbeat|keep-?alive)"?\]?)$/i;
const DONE = /^"?\s*(\[\s*done\s*\]|done)\s*"?$/i;
/** Names of events without data that say the same. */
const END = /^(done|end|eos|eof|stop|close|complete|completed|finish|finished)$/i;
/** Some proxies wrap an event into another one: `data: data: {…}`. */
const WRAPPING = /^(\s|data:)+/;

/** Without white space, byte order marks and names of fields around it. */
export const bareData = (data: string): string => data.replace(WRAPPING, '').trimEnd();

/** Of bare data: it only shows that the server is alive. */
export const saysNothing = (bare: string): boolean => NOTHING.test(bare);

/** Of bare data: nothing comes after it. */
export const saysDone = (bare: string): boolean => DONE.test(bare);

/** An event that says by its name alone that nothing comes after it. */
export function isEndEvent(event: string, data: string): boolean {
  return END.test(event) && /^(\{\s*\})?$/.test(data.trim());
}

/** Whether a line means something without the lines around it. */
export function isWholeData(line: string): boolean {
  const bare = bareData(line);
  return saysNothing(bare) || saysDone(bare) || parseJson(bare) !== undefined;
}

/** Undefined for what is no JSON. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
