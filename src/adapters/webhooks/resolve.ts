import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../../config/webhook-target.js';

export type Resolve = (name: string) => Promise<LookupAddress[]>;

const TIMEOUT_MS = 3_000;
const TRIES = 2;

/** The name leads into the network. */
export class InnerAddress extends Error {
  override readonly name = 'InnerAddress';
}

/**
 * Asks name servers only. The hosts file names machines of the network, and the system's look-up, which reads it,
 * occupies one of the few threads of the process for as long as a slow name server takes.
 */
export function resolvePublic(
  resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES }),
): Resolve {
  return async (name) => {
    const found = await Promise.allSettled([
      resolver.resolve4(name).then((all) => all.map((address) => ({ address, family: 4 }))),
      resolver.resolve6(name).then((all) => all.map((address) => ({ address, family: 6 }))),
    ]);
    const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const [first] = found;
    if (addresses.length === 0 && first.status === 'rejected') throw first.reason;
    return addresses;
  };
}

/** Resolves as all programs of this machine do. */
export const resolveAny: Resolve = (name) => lookup(name, { all: true });

/** A name with any address inside the network is refused: its other addresses would only hide that one. */
export const checked =
  (resolve: Resolve): Resolve =>
  async (name) => {
    const addresses = await resolve(name);
    if (addresses.some(({ address }) => !isPublicAddress(address))) throw new InnerAddress(name);
    return addresses;
  };

/** Makes sockets connect to the addresses that `resolve` finds. */
export const lookupBy =
  (resolve: Resolve): LookupFunction =>
  (name, { all }, callback) => {
    resolve(name).then(
      (addresses) => {
        const [first] = addresses;
        if (!first) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
        else if (all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
