/** The id that an address leads to. A person who types an address may leave it without encoding. */
export function idIn(hash: string): string {
  const text = hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
