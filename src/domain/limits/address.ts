import { isIP, isIPv6 } from 'node:net';

/** All groups of an IPv6 address, with `::` expanded. */
function groups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  const after = tail === '' ? [] : tail.split(':');
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}

const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::\d+)?$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The address alone: some proxies append the port, and IPv4 may be mapped to IPv6. Null if the text is not an
 * address.
 */
export function plainAddress(text: string): string | null {
  const { v6, v4 } = WITH_PORT.exec(text.trim())?.groups ?? {};
  const [address = ''] = (v6 ?? v4 ?? text.trim()).split('%');
  if (isIP(address) === 0) return null;
  return MAPPED.exec(address)?.[1] ?? address.toLowerCase();
}

/** The key that limits count a plain address by. An IPv6 user has a whole /64. */
export function addressKey(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const prefix = groups(address).slice(0, 4);
  return `${prefix.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
