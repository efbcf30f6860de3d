import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';
import { type EnvReader, isBoolean } from './env-reader.js';

export interface HttpConfig {
  port: number;
  /** Express' `trust proxy`: false, true, a hop count, or addresses. */
  trustProxy: boolean | number | string;
  corsOrigins: string[];
  /** App origins (Capacitor and the like) that get tokens in the body, like other clients than browsers. */
  bodyTokenOrigins: string[];
}

/** An address or network as `proxy-addr` reads it, or one of its names for several. */
function isNetwork(text: string): boolean {
  if (
    !/^(loopback|linklocal|uniquelocal)$/.test(text) &&
    isIP(text.replace(/\/\d{1,3}$/, '')) === 0
  ) {
    return false;
  }
  try {
    proxyAddr.compile([text]);
    return true;
  } catch {
    return false;
  }
}

function readTrustProxy(read: EnvReader): boolean | number | string {
  const text = read.text('TRUST_PROXY');
  if (/^\d{1,3}$/.test(text)) return Number(text);
  if (isBoolean(text)) return read.boolean('TRUST_PROXY', false);
  const addresses = read.list('TRUST_PROXY');
  if (!addresses.every(isNetwork)) {
    read.problem('TRUST_PROXY', 'true, false, a number of hops, or addresses separated by commas');
  }
  return addresses.join(', ');
}

/** Reads where the node listens, and whom it trusts there. */
export function readHttp(read: EnvReader): HttpConfig {
  return {
    port: read.integer('PORT'),
    trustProxy: readTrustProxy(read),
    corsOrigins: read.origins('CORS_ORIGINS'),
    bodyTokenOrigins: read.origins('BODY_TOKEN_ORIGINS'),
  };
}
