/** 32 hexadecimal characters; works where `crypto.randomUUID` does not: pages over plain HTTP, React Native. */
export function randomId(): string {
  const bytes = new Uint8Array(16);
  if (globalThis.crypto === undefined) fillWeakly(bytes);
  else globalThis.crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A `client_id` need only be unique per author; it is not secret. */
function fillWeakly(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(Math.random() * 256);
}
