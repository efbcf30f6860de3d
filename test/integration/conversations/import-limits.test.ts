import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../../lab/eventually.js';
import { type Account, startApp, type TestApp } from '../../../lab/nodes/app.js';
import { importEnd, importFile, sendImport } from '../../../lab/people/import-call.js';
import { simple } from '../../support/foreign-files.js';

interface Held {
  /** Sends the rest; resolves to the answer. */
  finish(): Promise<{ status: number; body: { id: number; code?: string } }>;
}

/** A file that is on its way: its node has the beginning. */
async function hold(url: string, { token }: Account, file: string): Promise<Held> {
  const sending = request(`${url}/agent/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, expect: '100-continue' },
  });
  const answered = new Promise<{ status: number; body: { id: number } }>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
  });
  answered.catch(() => {});
  await new Promise((resolve) => sending.write(file.slice(0, 1), resolve));
  return {
    finish() {
      sending.end(file.slice(1));
      return answered;
    },
  };
}

/** Files of imports that this process has open and that have no name any more. */
async function filesOpen(): Promise<number> {
  const links = (await readdir('/proc/self/fd')).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  );
  return (await Promise.all(links)).filter((path) => /parley-import-.* \(deleted\)$/.test(path))
    .length;
}

const FEW = JSON.stringify([simple('1')]);
const many = (count: number) => Array.from({ length: count }, (_, n) => simple(`c${n}`));

describe('Imports', () => {
  let app: TestApp;
  let directory: string;
  let people = 0;
  const arrive = () => {
    people += 1;
    return app.register(`person${people}`);
  };

  before(async () => {
    // Other nodes import at the same time, and one that was killed may have left a file.
    directory = await mkdtemp(join(tmpdir(), 'parley-test-imports-'));
    const { TMPDIR = '' } = process.env;
    process.env.TMPDIR = directory;
    app = await startApp();
    if (TMPDIR === '') delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  after(async () => {
    await app.stop();
    await rm(directory, { recursive: true });
  });

  it('run one at a time for a user, and two on a node', async () => {
    const [ada, eve, max] = await Promise.all([arrive(), arrive(), arrive()]);
    const held = await hold(app.url, ada, FEW);
    await eventually(filesOpen, (count) => count === 1);
    expect((await sendImport(app.url, ada, FEW)).status).to.equal(429);
    const second = await hold(app.url, eve, FEW);
    await eventually(filesOpen, (count) => count === 2);
    const refused = await sendImport<{ code: string }>(app.url, max, FEW);
    expect(refused.body.code).to.equal('rate_limited');
    const [one, two] = await Promise.all([held.finish(), second.finish()]);
    expect([one.status, two.status]).to.deep.equal([202, 202]);
    await Promise.all([importEnd(app.url, ada, one.body.id), importEnd(app.url, eve, two.body.id)]);
    expect((await sendImport(app.url, max, FEW)).status).to.equal(202);
    await eventually(filesOpen, (count) => count === 0);
  });

  it('leave no file behind, not even while they run', async () => {
    const ada = await arrive();
    const held = await hold(app.url, ada, FEW);
    await eventually(filesOpen, (count) => count === 1);
    expect(await readdir(directory)).to.deep.equal([]);
    const { body } = await held.finish();
    expect(await importEnd(app.url, ada, body.id)).to.include({ status: 'done' });
  });

  it('tell how far they are, and go no further than their session', async () => {
    const ada = await arrive();
    const device = await app.device(ada);
    const login = { email: ada.email, password: ada.password };
    const { body: tokens } = await app.call<{ access_token: string; refresh_token: string }>(
      '/auth/login',
      { body: login },
    );
    const { body } = await sendImport(app.url, { token: tokens.access_token }, many(1_000));
    const begun = await device.until('import:progress', ({ imported }) => imported > 0);
    expect(begun).to.include({ id: body.id, status: 'running' });
    expect(begun.found).to.be.within(1, 1_000);
    await app.call('/auth/logout', { body: { refresh_token: tokens.refresh_token } });
    const end = await device.until('import:progress', ({ status }) => status !== 'running');
    expect(end.status).to.equal('failed');
    expect(end.error?.code).to.equal('session_revoked');
    const [kept] = await app.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM conversation_members WHERE user_id = $1',
      [ada.id],
    );
    expect(kept?.count).to.equal(end.imported).and.be.below(1_000);
  });

  it('are ended by the end of their node, and go on where they were when they are repeated', async () => {
    const ada = await arrive();
    const device = await app.device(ada);
    const file = many(100);
    const { body } = await sendImport(app.url, ada, file);
    await device.until('import:progress', ({ imported }) => imported > 0);
    await app.restart();
    const end = await importEnd(app.url, ada, body.id);
    expect(end).to.include({ status: 'failed' });
    expect(end.error?.code).to.equal('interrupted');
    const again = await importFile(app.url, ada, file);
    expect(again).to.include({ status: 'done', found: 100, duplicates: end.imported });
    expect(again.imported + again.duplicates).to.equal(100);
  });

  it('end when nobody has worked on them for a minute, and make room for another', async () => {
    const [ada, eve] = await Promise.all([arrive(), arrive()]);
    const begin = (user: Account, ago: string) =>
      app.rows<{ id: number }>(
        `INSERT INTO imports (user_id, beat_at) VALUES ($1, now() - $2::interval) RETURNING id::int AS id`,
        [user.id, ago],
      );
    const [[dead], [alive]] = await Promise.all([begin(ada, '61 s'), begin(eve, '5 s')]);
    await app.restart();
    const end = await importEnd(app.url, ada, Number(dead?.id));
    expect([end.status, end.error?.code]).to.deep.equal(['failed', 'interrupted']);
    expect(await app.call(`/agent/imports/${alive?.id}`, eve)).to.have.nested.property(
      'body.status',
      'running',
    );
    expect((await sendImport(app.url, eve, FEW)).status).to.equal(429);
    expect(await importFile(app.url, ada, FEW)).to.include({ status: 'done', imported: 1 });
  });
});
