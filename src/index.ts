import './config/home.js';

// This applies to files that are loaded after it.
process.setSourceMapsEnabled(true);
const { run } = await import('./node/run.js');
await run(process.argv[2], process.env);
