import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { OriginGuard } from '../../../src/http/origin-guard.js';
import { createProxyReader } from '../../../src/http/proxy.js';

const PAGE = 'https://chat.example';

describe('The guard of origins', () => {
  const told: string[] = [];
  const note = (_: object, message: string) => void told.push(message);
  const logger = { debug: note, info: note, warn: note, error: note };

  const guard = (trustProxy: boolean) =>
    new OriginGuard(createProxyReader(trustProxy), { corsOrigins: [] }, logger);

  const request = (headers: Record<string, string>) =>
    Object.assign(new IncomingMessage(new Socket()), { headers });

  beforeEach(() => told.splice(0));

  for (const [what, trust, headers, hint] of [
    ['sends neither', false, {}, /no X-Forwarded-Host came.*proxy_set_header Host/],
    ['is not trusted', false, { 'x-forwarded-host': 'chat.example' }, /set TRUST_PROXY/],
    ['names another host', true, { 'x-forwarded-host': '10.0.0.1' }, /CORS_ORIGINS/],
  ] as const) {
    it(`tells the log once what helps when a proxy ${what}`, () => {
      const asked = guard(trust);
      for (let i = 0; i < 3; i++) {
        const own = { host: '127.0.0.1:8000', origin: PAGE, ...headers };
        expect(asked.allows(request(own))).to.equal(false);
      }
      expect(told).to.have.length(1);
      expect(told[0]).to.match(hint);
    });
  }

  it('tells of an Origin that did not come, and nothing of pages that say they are foreign', () => {
    const asked = guard(false);
    const host = 'chat.example';
    for (const headers of [
      { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { host, origin: 'null' },
      { host },
    ]) {
      expect(asked.allows(request(headers as never))).to.equal(false);
    }
    expect(told).to.deep.equal([]);
    expect(asked.allows(request({ host, 'sec-fetch-site': 'same-origin' }))).to.equal(false);
    expect(told).to.have.length(1);
    expect(told[0]).to.match(/no Origin/);
  });

  it('says nothing of what is allowed', () => {
    expect(guard(false).allows(request({ host: 'chat.example', origin: PAGE }))).to.equal(true);
    const behind = { host: 'node:8000', origin: PAGE, 'x-forwarded-host': 'chat.example, node' };
    expect(guard(true).allows(request(behind))).to.equal(true);
    expect(told).to.deep.equal([]);
  });
});
