/** Makes the npm package of the SDK in a directory, and resolves to its path. */
export function packClient(to: string): Promise<string>;
