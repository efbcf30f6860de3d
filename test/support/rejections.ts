import { expect } from 'chai';

/** Fails each test of the surrounding suite that leaves a rejected promise unhandled: it would end a node. */
export function expectNoRejections(): void {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => void rejections.push(reason);

  before(() => void process.on('unhandledRejection', listener));
  afterEach(() => expect(rejections.splice(0)).to.deep.equal([]));
  after(() => void process.off('unhandledRejection', listener));
}
