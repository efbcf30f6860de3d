import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { Described } from '../../../lab/people/described.js';
import { codes, readText, rows, section } from '../../support/markdown.js';

const isCall = (text: string) => /^(GET|POST|PATCH|DELETE) \//.test(text);

describe('The REST calls of docs/protocol.md', () => {
  let app: TestApp;
  let documented: string;
  let references: Described;

  before(async () => {
    documented = section(await readText('docs/protocol.md'), '## REST');
    references = await Described.read();
    app = await startApp({ METRICS_TOKEN: 'documented' });
  });
  after(() => app.stop());

  const callsBetween = (from: string, to: string | undefined) => {
    const start = documented.indexOf(from);
    const end = to === undefined ? documented.length : documented.indexOf(to);
    return rows(documented.slice(start, end)).flatMap(([cell = '']) => codes(cell).filter(isCall));
  };

  /** Status without a session: an existing call refuses or responds. */
  const statusOf = async (call: string) => {
    const [method = '', path = ''] = call.split(' ');
    const { status, headers, body } = await app.call(path.replace(/:\w+/g, '1'), { method });
    const name = references.nameOf(method, path.replace(/:\w+/g, '1').replace(/\?.*/, ''));
    const type = headers.get('content-type') ?? '';
    if (name) expect(references.answer(name, status, type, body)).to.equal(null);
    return status;
  };

  it('exist', async () => {
    const calls = callsBetween('| call |', '| reserved call |');
    expect(calls).to.have.length.greaterThan(15);
    for (const call of calls) expect(await statusOf(call), call).to.not.equal(404);
  });

  it('do not exist where they are reserved', async () => {
    const calls = callsBetween('| reserved call |', undefined);
    expect(calls).to.have.length.greaterThan(3);
    for (const call of calls) expect(await statusOf(call), call).to.equal(404);
  });
});
