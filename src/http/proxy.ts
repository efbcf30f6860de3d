import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** What Express reads as `req.ip` and `req.host`, for requests that Express does not see: socket handshakes. */
export interface ProxyReader {
  addressOf(request: IncomingMessage): string;
  hostOf(request: IncomingMessage): string | undefined;
}

export function createProxyReader(trustProxy: boolean | number | string): ProxyReader {
  const trust = compile(trustProxy);
  return {
    addressOf: (request) => proxyAddr(request, trust),
    hostOf(request) {
      const forwarded = request.headers['x-forwarded-host'];
      const trusted = trust(request.socket.remoteAddress ?? '', 0);
      const host = trusted && typeof forwarded === 'string' ? forwarded.split(',')[0] : undefined;
      return host?.trim() || request.headers.host;
    },
  };
}

function compile(trustProxy: boolean | number | string): (address: string, hop: number) => boolean {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy.split(',').map((part) => part.trim()));
}
