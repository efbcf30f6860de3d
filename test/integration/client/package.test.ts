import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { type BuildOptions, build, stop } from 'esbuild';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { type ClientProject, createClientProject } from '../../../lab/nodes/client-project.js';
import { runIn } from '../../../lab/nodes/example.js';
import { withKey } from '../../../lab/people/keys.js';
import { PROTOCOL_VERSION } from '../../../src/contract/events.js';
import { fences, readText } from '../../support/markdown.js';

const run = promisify(execFile);
const ENTRIES = ['index', 'stream', 'admin', 'extras'];
const PIECES = ['A lease ', 'ends by itself: ', '租约会自己结束 ⏳🐢.'];
const MOST_BYTES = 12 * 1_024;

/** How Metro resolves for React Native: no `browser` condition, and its own fields before `main`. */
const REACT_NATIVE: BuildOptions = {
  platform: 'neutral',
  conditions: ['react-native'],
  mainFields: ['react-native', 'browser', 'main'],
};

/** Features that React Native, or a page over plain HTTP, may lack. */
const BARE = `
// Node's own modules need some of it while they are loaded.
import 'socket.io-client';
await fetch('data:,');
for (const name of ['crypto', 'navigator', 'BroadcastChannel', 'localStorage', 'URLSearchParams', 'structuredClone'])
  delete globalThis[name];
for (const name of ['timeout', 'any']) delete AbortSignal[name];
for (const name of ['with', 'toSorted', 'toReversed', 'toSpliced']) delete Array.prototype[name];
`;

const TALK = `
import { createClient, PROTOCOL_VERSION } from 'parley-client';
import { keptOutbox } from 'parley-client/extras';
import { streamChat } from 'parley-client/stream';
const [url, key] = process.argv.slice(2);
const texts = new Map();
const storage = {
  getItem: async (name) => texts.get(name) ?? null,
  setItem: async (name, text) => void texts.set(name, text),
};
const client = createClient({ url, token: key, outbox: await keptOutbox(storage) });
const { conversation, assistant_message } = await client.send({ content: 'What is a lease?' });
const store = client.open(conversation.id);
await new Promise((resolve) => {
  const unsubscribe = store.subscribe(({ messages }) => {
    const answer = messages.find(({ id }) => id === assistant_message.id);
    if (answer?.status !== 'completed') return;
    unsubscribe();
    resolve(console.log(answer.content));
  });
});
console.log((await client.rest.search({ q: 'ends 租约' })).results.length, PROTOCOL_VERSION);
client.disconnect();
let text = '';
const server = { url, token: () => key, timeoutMs: 60_000 };
for await (const { event, data } of streamChat(server, { message: 'Again?' }))
  if (event === 'delta') text += data.text;
console.log(text);
`;

const CONSUMER = `
import {
  type ApiKey, type ChatMessage, type ConversationState, type ErrorCode, type Message, type ModelInfo, type RoomEvents,
  type ServerEvents, type User, type Webhook, type WebhookPayload, canContinue, createClient, createRest, ParleyError,
} from 'parley-client';
import { createAdminRest } from 'parley-client/admin';
import { keptOutbox, LIMITS, matchesReceipt } from 'parley-client/extras';
import { type AnswerEvent, streamAnswer } from 'parley-client/stream';

const outbox = await keptOutbox({ getItem: () => null, setItem: () => undefined });
const client = createClient({ url: 'https://chat.example.org', token: 'pk_', outbox });
const sent = await client.send({ content: 'go', answer: true });
const answer: Message | null = sent.assistant_message;
const store = client.open(sent.conversation.id);
store.subscribe(({ messages, phase }: ConversationState) => {
  const last: ChatMessage | undefined = messages.at(-1);
  if (last && canContinue(last) && phase === 'open') void client.continue(last.id);
});
const rest = createRest({ url: '', token: () => null, timeoutMs: LIMITS.sessions });
const models: ModelInfo[] = await rest.models();
const keys: ApiKey[] = await rest.keys();
const user: User = await rest.me();
const webhooks: Webhook[] = await rest.webhooks();
const type: WebhookPayload['type'] = 'answer.completed';
const told: RoomEvents['message:delta']['seq'] = 1;
const ended = (event: ServerEvents['session:ended']): ErrorCode => event.code;
for await (const event of streamAnswer({ url: '', token: () => 'pk_', timeoutMs: 1 }, 7)) {
  const one: AnswerEvent = event;
  if (one.event === 'completed') console.log(one.data.sha256, await matchesReceipt(answer ?? sent.user_message));
}
try {
  await createAdminRest({ url: '', token: () => null, timeoutMs: 1 }).queue();
} catch (error) {
  if (error instanceof ParleyError) console.log(error.code satisfies ErrorCode);
}
// @ts-expect-error: the types are those of the contract, and not \`any\`.
const wrong: string = sent.conversation.id;
console.log(models, keys, user, webhooks, type, told, ended, wrong);
`;

describe('The package of the SDK', () => {
  let project: ClientProject;
  const codeOf = (entry: string) => readText(join(project.installed, `${entry}.js`));

  before(async () => {
    project = await createClientProject(['typescript', '@types/node', 'undici-types']);
  });
  after(async () => {
    await project?.remove();
    await stop();
  });

  const manifest = async () => JSON.parse(await readText(join(project.installed, 'package.json')));

  it('has the version of the gateway, the licence, a manual, and one dependency', async () => {
    const { version, dependencies, license } = JSON.parse(await readText('package.json'));
    expect(project.tarball).to.match(new RegExp(`/parley-client-${version}\\.tgz$`));
    expect(await manifest()).to.deep.include({
      ...{ name: 'parley-client', version, license, type: 'module', sideEffects: false },
      dependencies: { 'socket.io-client': dependencies['socket.io-client'] },
    });
    const files = await readdir(project.installed);
    expect(files).to.have.members([
      ...['LICENSE', 'README.md', 'package.json', 'types'],
      ...ENTRIES.map((entry) => `${entry}.js`),
    ]);
    expect(await readText(join(project.installed, 'LICENSE'))).to.equal(await readText('LICENSE'));
  });

  it('has at most 12 kB, packed, and less without sockets', async () => {
    const sizes = await Promise.all(
      ENTRIES.map(async (entry) => gzipSync(await codeOf(entry), { level: 9 }).length),
    );
    expect(sizes[0]).to.be.at.most(MOST_BYTES);
    for (const size of sizes.slice(1)) expect(size).to.be.at.most(MOST_BYTES / 3);
  });

  const bundled = async (source: string, options: BuildOptions = {}) => {
    const { outputFiles = [] } = await build({
      stdin: { contents: source, resolveDir: project.directory },
      ...{
        bundle: true,
        format: 'esm',
        minify: true,
        write: false,
        external: ['socket.io-client'],
      },
      ...options,
    });
    return outputFiles[0]?.text ?? '';
  };

  it('leaves what is not used out of bundles, and sockets out of what has none', async () => {
    const whole = await bundled(`export * from 'parley-client';`);
    const rest = await bundled(`export { createRest } from 'parley-client';`);
    expect(rest.length).to.be.below(whole.length / 3);
    const stream = await codeOf('stream');
    const chat = await bundled(`export { streamChat } from 'parley-client/stream';`);
    expect(chat.length).to.be.below(stream.length - 1_000);
    for (const entry of ['stream', 'admin', 'extras'])
      expect(await codeOf(entry), entry).to.not.include('socket.io-client');
  });

  it('imports nothing of Node, and is found under the conditions of React Native', async () => {
    for (const entry of ENTRIES) {
      const code = await codeOf(entry);
      const imported = [...code.matchAll(/\b(?:from|import)\s*\(?"([^"]+)"/g)];
      const known = entry === 'index' ? ['socket.io-client'] : [];
      expect(imported.map(([, name]) => name)).to.deep.equal(known);
      expect(code, entry).to.not.match(
        /\b(process|Buffer|require|document|window|localStorage|URLSearchParams)\b/,
      );
      const name = entry === 'index' ? 'parley-client' : `parley-client/${entry}`;
      expect(await bundled(`export * from '${name}';`, REACT_NATIVE)).to.not.equal('');
    }
  });

  describe('talks to a node', () => {
    let app: TestApp;
    let ann: Account;

    before(async () => {
      app = await startApp();
      ann = await withKey(app.url, await app.register('ann'), ['chat', 'read']);
    });
    after(() => app?.stop());

    const says = async (name: string, source: string) => {
      await writeFile(join(project.directory, name), source);
      app.upstream.script(answer(PIECES), answer(['Yes.']));
      const place = { cwd: project.directory };
      return runIn(place, process.execPath, name, app.url, ann.token).finished;
    };
    const SAID = `${PIECES.join('')}\n`;

    it('from a project that has nothing else', async () => {
      expect(await says('talk.mjs', TALK)).to.equal(`${SAID}1 ${PROTOCOL_VERSION}\nYes.\n`);
    });

    it('where much is missing that browsers have', async () => {
      await writeFile(join(project.directory, 'bare.mjs'), BARE);
      const output = await says('bare-talk.mjs', `import './bare.mjs';${TALK}`);
      expect(output).to.match(new RegExp(`^${SAID}\\d ${PROTOCOL_VERSION}\nYes\\.\n$`));
    });
  });

  describe('has types', () => {
    const KINDS: Record<string, object> = {
      'a bundler': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'] },
      'a bundler with Node': { module: 'esnext', moduleResolution: 'bundler', types: ['node'] },
      'Node 16': { module: 'node16', moduleResolution: 'node16', types: ['node'] },
      'current Node': { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] },
    };

    for (const [kind, options] of Object.entries(KINDS)) {
      it(`for ${kind}, which are checked themselves`, async () => {
        await writeFile(join(project.directory, 'consumer.mts'), CONSUMER);
        const compilerOptions = {
          ...{ target: 'es2022', lib: ['es2022'], types: [], strict: true, skipLibCheck: false },
          ...{ noEmit: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
          ...options,
        };
        const config = { compilerOptions, files: ['consumer.mts'] };
        const name = `${kind.replace(/\W+/g, '-')}.json`;
        await writeFile(join(project.directory, name), JSON.stringify(config));
        const tsc = resolve('node_modules/typescript/bin/tsc');
        const args = [tsc, '-p', join(project.directory, name), '--pretty', 'false'];
        const { stdout } = await run(process.execPath, args).catch((error) => error);
        expect(stdout).to.equal('');
      });
    }

    /** Declarations of the package, as one text. */
    const declarations = async () => {
      const types = join(project.installed, 'types');
      const files = (await readdir(types, { recursive: true })).filter((name) =>
        name.endsWith('.d.ts'),
      );
      return (await Promise.all(files.map((file) => readFile(join(types, file), 'utf8')))).join(
        '\n',
      );
    };

    it('whose doc comments explain everything that can be imported, what is called with an example', async () => {
      const text = await declarations();
      const found = [
        ...text.matchAll(
          /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export (?:declare )?(?:abstract )?(class|const|function|interface|type) (\w+)/gm,
        ),
      ].map(([, comment = '', kind = '', name = '']) => ({ comment, kind, name }));
      const entries = ['main', 'stream', 'admin', 'extras'].map((entry) =>
        readText(join(project.installed, `types/client/${entry}.d.ts`)),
      );
      const named: string[] =
        (await Promise.all(entries))
          .join(' ')
          .replace(/from '[^']+'/g, '')
          .match(/\w+/g) ?? [];
      const open = found.filter(({ name }) => named.includes(name));
      expect(open.length).to.be.greaterThan(30);
      for (const { comment, name } of open) expect(comment, name).to.not.equal('');
      const called = open.filter(({ kind }) => kind === 'function' || kind === 'class');
      expect(called.map(({ name }) => name)).to.include.members(['createClient', 'streamAnswer']);
      for (const { comment, name } of called) expect(comment, name).to.include('@example');
    });
  });

  it('has a manual whose imports exist, as has docs/clients.md', async () => {
    const pages = [join(project.installed, 'README.md'), 'docs/clients.md'];
    for (const page of pages) {
      const blocks = fences(await readText(page)).filter(({ code: text }) =>
        text.includes("from 'parley-client"),
      );
      expect(blocks.length, page).to.be.greaterThan(0);
      for (const block of blocks) {
        const imports = block.code.matchAll(/import (\{[^}]+\}) from ('parley-client[^']*')/g);
        // A name that does not exist is an error of the bundler.
        for (const [, names, entry] of imports)
          await bundled(`import ${names} from ${entry}; console.log(${names});`);
      }
    }
  });
});
