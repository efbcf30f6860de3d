import { expect } from 'chai';
import { answer, wholeJson } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { runBash, runModule } from '../../../lab/nodes/example.js';
import { callRest } from '../../../lab/people/rest.js';
import { fence, readText } from '../../support/markdown.js';

const ADDRESS = 'http://localhost:8000';
const ADA = { email: 'ada@example.com', username: 'ada', password: 'SecurePass123!' };
const PIECES = ['A lease ', 'ends by itself: ', '租约会自己结束 ', '⏳🐢.', '\n\nIs that ', 'all?'];
const WHOLE = PIECES.join('');

describe('The examples of the README and of docs/clients.md', () => {
  let app: TestApp;

  /** The example as on the page, except for the address and the location of the SDK before a build. */
  const example = async (info: string, page = 'docs/clients.md') => {
    const code = fence(await readText(page), info);
    expect(code.split(ADDRESS)).to.have.length(2);
    return code
      .replace(ADDRESS, app.url)
      .replace('./dist/client/index.js', './src/client/index.ts');
  };

  beforeEach(async () => {
    app = await startApp();
  });
  afterEach(() => app.stop());

  it('walk through REST with curl and jq, up to the refused refresh token', async () => {
    app.upstream.script(
      answer(PIECES),
      answer('A fence keeps the late ones out.'),
      answer('It follows a lease.'),
      wholeJson('The right to ask.'),
    );
    const output = await runBash(await example('bash walk')).finished;

    expect(output).to.match(/^\{\n {2}"id": \d+,\n {2}"email": "ada@example.com",\n/);
    const rest = output.slice(output.indexOf('A lease'));
    expect(rest.split('\n')).to.deep.equal([
      ...WHOLE.split('\n'),
      '{',
      '  "message": "And what is a fence?",',
      '  "status": "completed"',
      '}',
      '{',
      `  "id": ${/"id": (\d+),\n {2}"title"/.exec(rest)?.[1]},`,
      '  "title": "What is a lease?"',
      '}',
      'user: What is a lease?',
      `assistant: ${WHOLE.split('\n')[0]}`,
      'user: And what is a fence?',
      'assistant: A fence keeps the late ones out.',
      'event: message',
      'event: delta',
      'event: completed',
      'The right to ask.',
      'Conversation deleted',
      'Logged out',
      '{',
      '  "status": 401,',
      '  "code": "session_revoked"',
      '}',
      '',
    ]);
    expect(app.upstream.requests[1]?.body.messages.map(({ content }) => content)).to.deep.equal([
      'You are a helpful assistant.',
      'What is a lease?',
      WHOLE,
      'And what is a fence?',
    ]);
  });

  const registerAda = () => callRest(`${app.url}/auth/register`, { body: ADA });

  it('lose the connection of a socket in mid-answer, and have the whole text of one that ended meanwhile', async () => {
    await registerAda();
    const held = app.upstream.next();
    const program = runModule(await example('js socket'));
    held.write(PIECES[0] ?? '');
    await program.printed('The connection breaks.');
    held.write(...PIECES.slice(1));
    held.finish();
    expect(await program.finished).to.match(
      new RegExp(`^The connection breaks\\.\ncompleted, \\d+ deltas:\n${escaped(WHOLE)}\n$`),
    );
  });

  /** The socket example, which also prints when it is back in the conversation. */
  const talkativeExample = async () => {
    const said = "socket.on('connect', () => open().then(() => console.log('Back.')));";
    const source = (await example('js socket')).replace(/^socket\.on\('connect'.*$/m, said);
    expect(source).to.include(said);
    return source;
  };

  it('come back to an answer that still runs, and append what follows', async () => {
    await registerAda();
    const held = app.upstream.next();
    const program = runModule(await talkativeExample());
    held.write(PIECES[0] ?? '');
    await program.printed('The connection breaks.');
    held.write(...PIECES.slice(1, 4));
    await program.printed('Back.');
    held.write(...PIECES.slice(4));
    held.finish();
    expect(await program.finished).to.include(` deltas:\n${WHOLE}\n`);
  });

  it('replace the text of an attempt that the node did not survive', async () => {
    await registerAda();
    const lost = app.upstream.next();
    const program = runModule(await talkativeExample());
    lost.write('This text is lost ');
    await program.printed('The connection breaks.');
    const again = app.upstream.next();
    await app.restart();
    again.write(PIECES[0] ?? '');
    await program.printed('Back.');
    again.write(...PIECES.slice(1));
    again.finish();
    expect(await program.finished).to.include(` deltas:\n${WHOLE}\n`);
  });

  it('ask with curl in the three calls of the README', async () => {
    app.upstream.script(answer(PIECES));
    const output = await runBash(await example('bash curl', 'README.md')).finished;
    const [registered, ...said] = output.split('}}');
    expect(registered).to.include('"email":"grace@example.com"');
    expect(said.join('}}').trimStart()).to.equal(`${WHOLE}\n`);
  });

  it('ask with the SDK in the few lines of the README', async () => {
    app.upstream.script(answer(PIECES));
    const output = await runModule(await example('js sdk', 'README.md')).finished;
    expect(output).to.equal(`${WHOLE}\n`);
  });

  it('send and read an answer with the SDK', async () => {
    await registerAda();
    app.upstream.script(answer(PIECES));
    const output = await runModule(await example('js sdk')).finished;
    expect(output).to.equal(`completed:\n${WHOLE}\n`);
  });
});

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
