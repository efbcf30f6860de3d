import ipaddr from 'ipaddr.js';

/** Names that lead into a network by convention (RFC 6761, RFC 6762, RFC 8375). */
const INNER_NAME = /(^|\.)(localhost|local|internal|home\.arpa)$/;
/** Ports below this belong to services of a system, except that of HTTPS. */
const FIRST_FREE_PORT = 1_024;
const HTTPS_PORT = 443;
/** The only IPv6 addresses that are used on the internet. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Whether an address lies on the internet: none of this machine, of a local network, or reserved for other uses. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

/** Returns the name without the brackets of an IPv6 address and the dot of a full name. */
export const hostOf = ({ hostname }: URL): string =>
  hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

function isPublicHost(host: string): boolean {
  if (ipaddr.isValid(host)) return isPublicAddress(host);
  return host.includes('.') && !INNER_NAME.test(host);
}

/** The reason why the address of a webhook is refused, as far as the address shows it; null: none. */
export type TargetProblem = 'form' | 'credentials' | 'scheme' | 'host' | 'port';

/** The parser of `URL` has put decimal, octal and hexadecimal addresses into their usual form. */
export function problemOfTarget(text: string, allowPrivate: boolean): TargetProblem | null {
  if (!URL.canParse(text)) return 'form';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return 'scheme';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (allowPrivate) return null;
  if (!isPublicHost(hostOf(url))) return 'host';
  const port = Number(url.port || HTTPS_PORT);
  return port === HTTPS_PORT || port >= FIRST_FREE_PORT ? null : 'port';
}
