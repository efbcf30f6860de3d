const MESSAGE = /\r\n[sp]?message\r\n\$\d+\r\n([^\r]*)\r\n/g;
/** The head of a message that is split is found with the next piece. */
const LONGEST_HEAD = 256;

/** Parses the output of Redis on one connection (RESP2), and reports the channel, or the pattern, of each message. */
export function hearMessages(onMessage: (channel: string) => void): (data: Buffer) => void {
  let rest = '';
  return (data) => {
    const text = rest + data.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(MESSAGE)) {
      onMessage(match[1] ?? '');
      end = match.index + match[0].length;
    }
    rest = text.slice(Math.max(end, text.length - LONGEST_HEAD));
  };
}
