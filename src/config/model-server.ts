/** Paths that the SDK adds by itself, and calls of Ollama's own API. */
const ENDPOINT =
  /\/(completions|responses|embeddings|messages|models|v\d+\/chat|api\/(chat|generate|tags))\/*$/i;

const expected = (what: string) => new Error(`expected ${what}`);

/** Returns the URL without a trailing slash. @throws Error that says what is expected, without the value */
export function parseBaseUrl(text: string): string {
  if (!/^https?:\/\/[^\s\\/][^\s\\]*$/i.test(text) || !URL.canParse(text))
    throw expected('http(s)://host/v1');
  const { origin, pathname, username, password, port } = new URL(text);
  if (port === '0') throw expected('a port from 1 to 65535');
  if (username !== '' || password !== '') {
    throw expected('no user or password in it: the key has a variable of its own');
  }
  if (/[?#]/.test(text)) throw expected('no ? and no #: parameters would not be sent');
  if (ENDPOINT.test(pathname))
    throw expected('http(s)://host/v1, without the path of a call behind it');
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

export function parseKey(text: string): string {
  if (/^[!-~]+$/.test(text)) return text;
  throw expected('ASCII characters without blanks');
}
