import './config/home.js';

// Applies only to files that are loaded after this call.
process.setSourceMapsEnabled(true);
const { runCommand } = await import('./cli/run.js');
const args = process.argv.slice(process.argv[2] === 'cli' ? 3 : 2);
const terminal = { input: process.stdin, output: process.stderr };
const { exitCode, output, problem } = await runCommand({ args, env: process.env, terminal });
if (output !== '') process.stdout.write(`${output}\n`);
if (problem !== '') process.stderr.write(`${problem}\n`);
process.exitCode = exitCode;
