import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { program } from '../../../lab/nodes/process.js';
import { createTestDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { readText } from '../../support/markdown.js';

const COPIED = ['scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];
const LINKED = ['src', 'migrations', 'node_modules', 'dist'];

describe('The build', () => {
  let database: TestDatabase;
  let directory: string;
  let env: Record<string, string>;
  const children: ChildProcess[] = [];

  before(async () => {
    await program();
    database = await createTestDatabase();
    directory = await mkdtemp(join(tmpdir(), 'parley-build-'));
    const { PATH = '', HOME = '' } = process.env;
    const secrets = { SECRET_KEY: 'a'.repeat(32), REFRESH_SECRET_KEY: 'b'.repeat(32) };
    const rest = { NODE_ENV: 'test', PORT: '0', OPENAI_API_KEY: 'none' };
    env = { PATH, HOME, DATABASE_URL: database.url, ...secrets, ...rest };
  });

  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await database?.drop();
    await rm(directory, { recursive: true, force: true });
  });

  function start(script: string, more: Record<string, string> = {}) {
    const child = spawn(process.execPath, [script], { env: { ...env, ...more } });
    children.push(child);
    return child;
  }

  it('has stacks that name the lines of the sources', async () => {
    const broken = join(directory, 'broken.cjs');
    await writeFile(
      broken,
      `require('node:net').Server.prototype.listen = () => { throw new Error('deaf'); };`,
    );
    const stack = await text(
      start('dist/index.js', { NODE_OPTIONS: `--require ${broken}` }).stderr,
    );
    expect(stack).to.include('deaf');
    const [, file = '', line] = /(src\/[\w/-]+\.ts):(\d+):\d+/.exec(stack) ?? [];
    const source = (await readText(resolve(file))).split('\n');
    expect(source[Number(line) - 1], stack).to.match(/server\.listen\(port/);
  });

  it('reads nothing of OpenTelemetry’s SDK at a start without traces', async () => {
    const sourcesOf = async (chunk: string): Promise<string[]> => {
      const code = await readText(join('dist', chunk));
      const imported = [...code.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)];
      return [chunk, ...imported.map(([, file = '']) => file)];
    };
    const read = new Set(['index.js']);
    const run = (await readdir('dist')).filter((name) => /^run-\w+\.js$/.test(name));
    for (const chunk of run) read.add(chunk);
    for (const chunk of read) for (const file of await sourcesOf(chunk)) read.add(file);
    expect(read.size).to.be.above(2);
    for (const chunk of read) {
      const code = await readText(join('dist', chunk));
      for (const part of ['BatchSpanProcessor', 'resourceSpans', 'parley.attempt'])
        expect(code.includes(part), `${chunk} has ${part}`).to.equal(false);
    }
  });

  it('says in one sentence that its port is in use', async () => {
    const taken = createServer().listen(0);
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const said = await text(start('dist/index.js', { PORT: String(port) }).stderr);
    const metrics = { PORT: '0', METRICS_PORT: String(port) };
    const ofMetrics = await text(start('dist/index.js', metrics).stderr);
    taken.close();
    const sentence = (variable: string) =>
      `Port ${port} is in use: stop the program that uses it, or set ${variable} to another one.\n`;
    expect([said, ofMetrics]).to.deep.equal([sentence('PORT'), sentence('METRICS_PORT')]);
  });

  it('ends its start with the address, in development', async () => {
    const node = start('dist/index.js', { NODE_ENV: 'development' });
    for await (const [line] of on(createInterface({ input: node.stdout }), 'line')) {
      if (line.includes('"listening"')) continue;
      const [, at] = /"Parley is ready: (http:[^"]+)"/.exec(line) ?? [];
      if (at === undefined) continue;
      expect((await fetch(`${at}/health`)).status).to.equal(200);
      break;
    }
    node.kill('SIGINT');
    await once(node, 'exit');
  });

  it('leaves no process beside the node that npm start runs', async function () {
    if (process.platform !== 'linux') this.skip();
    for (const name of COPIED)
      await cp(name, join(directory, name), { recursive: true, preserveTimestamps: true });
    for (const name of LINKED) await symlink(resolve(name), join(directory, name));
    const node = start(join(directory, 'scripts/start.js'));
    for await (const [line] of on(createInterface({ input: node.stdout }), 'line'))
      if (line.includes('"listening"')) break;
    const index = await readText(join(directory, 'public/assets/index.html'));
    const [, code = 'none'] = /src="\/(assets\/app-\w{8}\.js)"/.exec(index) ?? [];
    expect(await readText(join(directory, 'public', code))).to.not.equal('');
    expect(await readFile(`/proc/${node.pid}/task/${node.pid}/children`, 'utf8')).to.equal('');
    node.kill('SIGINT');
    await once(node, 'exit');
  });
});
