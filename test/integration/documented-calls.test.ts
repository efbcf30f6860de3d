import { expect } from 'chai';
import { startApp, type TestApp } from '../../lab/nodes/app.js';
import { codes, readText, rows, section } from '../support/markdown.js';

const isCall = (text: string) => /^(GET|POST|PATCH|DELETE) \//.test(text);

describe('The REST calls of docs/protocol.md', () => {
  let app: TestApp;
  let documented: string;

  before(async () => {
    documented = section(await readText('docs/protocol.md'), '## REST');
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
    const { status } = await app.call(path.replace(/:\w+/g, '1'), { method });
    return status;
  };

  it('exist', async () => {
    const calls = callsBetween('| call |', '| reserved call |');
    expect(calls).to.have.length.greaterThan(15);
    for (const call of calls) expect(await statusOf(call), call).to.not.equal(404);
  });

  it('do not exist where they are reserved', async () => {
    const calls = callsBetween('| reserved call |', undefined);
    expect(calls).to.have.length.greaterThan(5);
    for (const call of calls) expect(await statusOf(call), call).to.equal(404);
  });
});
