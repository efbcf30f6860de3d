import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import proxyAddr from 'proxy-addr';
import { plainAddress } from '../domain/limits/address.js';

/** What proxies say of a request. `addressOf` is what Express reads as `req.ip`, for requests that it does not see. */
export interface ProxyReader {
  addressOf(request: IncomingMessage): string;
  hostOf(request: IncomingMessage): string | undefined;
  /** What a proxy says of the host, and whether it counts. */
  forwardedHost(request: IncomingMessage): { host: string | undefined; trusted: boolean };
}

export function createProxyReader(trustProxy: boolean | number | string): ProxyReader {
  const trust = compile(trustProxy);
  const forwardedHost = (request: IncomingMessage) => {
    const forwarded = request.headers['x-forwarded-host'];
    const host = typeof forwarded === 'string' ? forwarded.split(',')[0]?.trim() : undefined;
    return { host: host || undefined, trusted: trust(request.socket.remoteAddress ?? '', 0) };
  };
  return {
    addressOf: (request) => known(proxyAddr(request, trust), request),
    hostOf(request) {
      const { host, trusted } = forwardedHost(request);
      return (trusted && host) || request.headers.host;
    },
    forwardedHost,
  };
}

/** Who sends a request, by what trusted proxies say. */
export const clientAddress = (req: Request): string => known(req.ip, req);

/**
 * What is no address was made up by somebody: then it is the proxy itself that is known. Of a connection that has ended
 * by now there is none at all, whatever types say.
 */
const known = (told: string | undefined, { socket }: IncomingMessage): string =>
  plainAddress(told ?? '') ?? plainAddress(socket.remoteAddress ?? '') ?? '';

function compile(trustProxy: boolean | number | string): (address: string, hop: number) => boolean {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy.split(',').map((part) => part.trim()));
}
