/** The id that an address leads to. Whoever writes addresses by hand may write what is not encoded. */
export function idIn(hash: string): string {
  const text = hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
