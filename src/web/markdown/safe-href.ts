/** The address of a link that a reader can open in another tab; null for scripts, places on this page and nonsense. */
export function safeHref(address: string): string | null {
  if (!/^(?:https?:|mailto:)/i.test(address)) return null;
  try {
    return new URL(address).href === '' ? null : address;
  } catch {
    return null;
  }
}
