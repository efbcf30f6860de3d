import { asyncApi } from './asyncapi.js';
import { ContractTypes } from './contract-types.js';
import { openApi } from './openapi.js';
import { restReference } from './rest-calls.js';
import { clientEvents, serverEvents, streamEvents } from './socket-events.js';

/** The machine-readable form of the contract, made from its types, its schemas and the routes of the server. */
export function references(root: string, version: string) {
  const types = new ContractTypes(root);
  try {
    const { calls, untold, unserved } = restReference(types);
    const client = clientEvents(types);
    const [server, stream] = [serverEvents(types), streamEvents(types)];
    return {
      ...{ calls, untold, unserved, client, server, stream, shapes: types.shapes, version },
      openapi: openApi(calls, types, version),
      asyncapi: asyncApi({ client, server, stream }, types, version),
    };
  } finally {
    types.close();
  }
}
