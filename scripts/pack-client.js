// `npm run pack:client` makes an npm package of the SDK. `--to DIRECTORY` writes it elsewhere than here.
import { mkdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packClient } from './client-package.js';

const { values } = parseArgs({ options: { to: { type: 'string', default: '.' } } });
const to = resolve(values.to);
await mkdir(to, { recursive: true });
console.log(relative('.', await packClient(to)));
