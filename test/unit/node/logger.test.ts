import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogger } from '../../../src/node/logger.js';

function capture() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, logger: createLogger({ level: 'info', pretty: true }, stream) };
}

describe('The logger', () => {
  it('hides tokens, passwords and cookies', () => {
    const { lines, logger } = capture();
    const headers = { authorization: 'Bearer hunter2', cookie: 'a=hunter2', accept: '*/*' };
    const res = { headers: { 'set-cookie': ['hunter2'] } };
    logger.info({ req: { headers }, res, password: 'hunter2', auth: { token: 'hunter2' } }, 'x');
    expect(lines.join()).to.contain('*/*').and.not.contain('hunter2');
  });

  it('tells of an error and its causes, but nothing that drivers hang on them', () => {
    const { lines, logger } = capture();
    const cause = Object.assign(new Error('lost'), { code: '57P01', parameters: ['hunter2'] });
    logger.error({ err: new Error('unavailable', { cause }) }, 'failed');
    const { err } = JSON.parse(lines.join());
    expect(err).to.deep.include({ type: 'Error', message: 'unavailable' });
    expect(err.stack).to.contain('logger.test');
    expect(err.cause).to.deep.include({ message: 'lost', code: '57P01' });
    expect(lines.join()).not.to.contain('hunter2');
  });
});
