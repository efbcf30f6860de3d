import './config/home.js';

// This applies to files that are loaded after it.
process.setSourceMapsEnabled(true);
const { runCommand } = await import('./cli/run.js');
const args = process.argv.slice(process.argv[2] === 'cli' ? 3 : 2);
const terminal = { input: process.stdin, output: process.stderr };
const { exitCode, output, problem } = await runCommand({ args, env: process.env, terminal });
if (output !== '') process.stdout.write(`${output}\n`);
if (problem !== '') process.stderr.write(`${problem}\n`);
process.exitCode = exitCode;
