import './config/home.js';

// Applies only to files that are loaded after this call.
process.setSourceMapsEnabled(true);
const { run } = await import('./node/run.js');
await run(process.argv[2], process.env);
