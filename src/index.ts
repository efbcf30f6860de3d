import './config/home.js';

// For files that are loaded after this.
process.setSourceMapsEnabled(true);
const { run } = await import('./node/run.js');
await run(process.argv[2], process.env);
