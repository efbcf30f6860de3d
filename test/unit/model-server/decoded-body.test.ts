import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { DecodedBody } from '../../../src/adapters/openai/transport/decoded-body.js';

describe('A compressed body', () => {
  it('holds its connection back while there is enough to decode, and then goes on', async () => {
    const text = randomBytes(100_000).toString('hex');
    const steps: string[] = [];
    const heard: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      const flow = {
        pause: () => steps.push('pause'),
        resume: () => {
          steps.push('resume');
          body.onEnd();
        },
      };
      const listener = {
        onData: (piece: Buffer) => heard.push(piece),
        onEnd: resolve,
        onError: reject,
      };
      const body = new DecodedBody('gzip', listener, flow);
      body.onData(gzipSync(text));
    });
    expect(steps).to.deep.equal(['pause', 'resume']);
    expect(Buffer.concat(heard).toString() === text).to.equal(true);
  });

  for (const [what, text] of [
    ['JSON far to the right', `{\n${' '.repeat(12)}"a": 1\n}`],
    ['a list of it', `[\r\n${'\t'.repeat(12)}{"a": 1}]`],
    ['JSON after signs of life', `${'\n'.repeat(12)}{"a": 1}`],
  ] as const) {
    it(`may be plain despite its label, in packets of any size: ${what}`, async () => {
      const heard = await new Promise<string>((resolve, reject) => {
        let all = '';
        const listener = {
          onData: (piece: Buffer) => {
            all += piece.toString();
          },
          onEnd: () => resolve(all),
          onError: reject,
        };
        const body = new DecodedBody('br', listener, { pause() {}, resume() {} });
        for (const byte of Buffer.from(text)) body.onData(Buffer.from([byte]));
        body.onEnd();
      });
      expect(heard).to.equal(text);
    });
  }
});
