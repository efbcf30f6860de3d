/** Everything, for pages and programs that lie beside it. `parley-client` has a folder for each. */
export * from './admin.js';
export * from './extras.js';
export * from './main.js';
export * from './stream.js';
