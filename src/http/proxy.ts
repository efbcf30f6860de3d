import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import proxyAddr from 'proxy-addr';
import { plainAddress } from '../domain/limits/address.js';

/**
 * Reads the facts that proxies report about a request. `addressOf` returns Express' `req.ip`, for requests that Express
 * does not see.
 */
export interface ProxyReader {
  addressOf(request: IncomingMessage): string;
  hostOf(request: IncomingMessage): string | undefined;
  /** The host that a proxy reports, and whether it is trusted. */
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

/** The sender of a request, according to trusted proxies. */
export const clientAddress = (req: Request): string => known(req.ip, req);

/**
 * The forwarded address, or the proxy's own if the value is not an IP address. A connection that has already ended has
 * none, whatever the types say.
 */
const known = (told: string | undefined, { socket }: IncomingMessage): string =>
  plainAddress(told ?? '') ?? plainAddress(socket.remoteAddress ?? '') ?? '';

function compile(trustProxy: boolean | number | string): (address: string, hop: number) => boolean {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy.split(',').map((part) => part.trim()));
}
