type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** RFC 8288, relative to the request: behind a proxy only the client knows the address in front. */
export function nextLink(path: string, given: Query, next: string, key = 'cursor'): string {
  const query = new URLSearchParams({ [key]: next });
  for (const [name, value] of Object.entries(given)) {
    if (name !== key && value !== undefined && value !== '') query.set(name, String(value));
  }
  return `<${path}?${query}>; rel="next"`;
}
