import { expect } from 'chai';
import { Webhook as Verifier } from 'standardwebhooks';
import { toldEvent } from '../../../src/domain/answers/running/told-event.js';
import { backOffMs, GIVE_UP_MS } from '../../../src/domain/webhooks/back-off.js';
import { makeSecret, signedHeaders } from '../../../src/domain/webhooks/signature.js';
import type { Outcome } from '../../../src/entities/entities.js';

describe('A delivery to a webhook', () => {
  it('is tried again within seconds, then later and later, at least every hour', () => {
    const longest = Array.from({ length: 20 }, (_, n) => backOffMs(n + 1, () => 1));
    expect(longest.slice(0, 4)).to.deep.equal([3_000, 6_000, 12_000, 24_000]);
    expect(longest.at(-1)).to.equal(3_600_000);
    expect(backOffMs(2_000, () => 1)).to.equal(3_600_000);
    expect(backOffMs(1, () => 0)).to.equal(1_500);
    expect(GIVE_UP_MS).to.equal(24 * 3_600_000);
  });

  it('is signed so that the verifier of Standard Webhooks accepts it, and no other body, id or key', () => {
    const secret = makeSecret();
    const body = '{"type":"answer.completed"}';
    const headers = signedHeaders({ id: 'msg_1', body, secret, now: Date.now() });
    const verify =
      (key: string, text: string, changed: object = {}) =>
      () =>
        new Verifier(key).verify(text, { ...headers, ...changed });
    expect(verify(secret, body)()).to.deep.equal({ type: 'answer.completed' });
    expect(verify(secret, `${body} `)).to.throw();
    expect(verify(secret, body, { 'webhook-id': 'msg_2' })).to.throw();
    expect(verify(makeSecret(), body)).to.throw();
    const old = signedHeaders({ id: 'msg_1', body, secret, now: Date.now() - 3_600_000 });
    expect(verify(secret, body, old)).to.throw();
  });

  it('tells of an answer that is complete or that nobody wanted to end', () => {
    const event = (status: Outcome['status'], finishReason: string | null = null) =>
      toldEvent({ status, finishReason } as Outcome);
    expect(event('completed', 'stop')).to.equal('answer.completed');
    expect(event('completed', 'length')).to.equal('answer.completed');
    expect(event('failed')).to.equal('answer.failed');
    expect(event('interrupted')).to.equal('answer.failed');
    expect(event('stopped', 'quota')).to.equal('answer.failed');
    expect(event('stopped')).to.equal(null);
  });
});
