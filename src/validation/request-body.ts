type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A request without a length has no body (RFC 9112, 6.3). */
export const hasBody = (headers: Headers): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
