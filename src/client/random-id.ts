/** 32 hexadecimal characters; works where `crypto.randomUUID` does not: pages over plain HTTP, React Native. */
export function randomId(): string {
  // A `client_id` need only be unique per author; it is not secret.
  const bytes = new Uint8Array(16).map(() => Math.random() * 256);
  globalThis.crypto?.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
