const MESSAGE = /\r\n[sp]?message\r\n\$\d+\r\n([^\r]*)\r\n/g;
/** The head of a push that is cut in two is found with its next piece. */
const LONGEST_HEAD = 256;

/** Takes what Redis sends on one connection (RESP2), and names the channel, or the pattern, of each message in it. */
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
