import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { OpenAIProblem } from '../../../src/contract/openai.js';
import { refuseRequest } from '../../../src/http/refusal.js';
import { openStandby } from '../../../src/http/standby.js';

const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('What programs are told before Express sees their request', () => {
  it('has the shape of OpenAI below /v1, and of a problem elsewhere', async () => {
    const server = createServer((request, response) => refuseRequest(request, response, 1_500));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const path of ['/v1', '/v1/chat/completions', '/v1?x=1', '/V1/models']) {
        const response = await fetch(url + path);
        expect(response.status, path).to.equal(429);
        expect(response.headers.get('retry-after')).to.equal('2');
        const { error } = (await response.json()) as OpenAIProblem;
        expect(error, path).to.include({ code: 'rate_limit_exceeded', param: null });
      }
      for (const path of ['/agent/chat', '/v12', '/x/v1/']) {
        const response = await fetch(url + path);
        expect(await response.json(), path).to.include({ code: 'rate_limited', status: 429 });
      }
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('has it on a node that does not serve yet', async () => {
    let port = 0;
    const info = (fields: object): void => {
      port = Number(Reflect.get(fields, 'port'));
    };
    const checks = { database: 'ok', engine: 'ok', node: 'failed' } as const;
    const readiness = async () => ({ status: 'unready' as const, checks });
    const standby = await openStandby(0, readiness, { ...logger, info });
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/models`);
      expect(response.status).to.equal(503);
      expect(response.headers.get('retry-after')).to.equal('1');
      const { error } = (await response.json()) as OpenAIProblem;
      expect(error).to.include({ code: 'unavailable', type: 'server_error' });
      const other = await fetch(`http://127.0.0.1:${port}/agent/models`);
      expect(await other.json()).to.include({ status: 'unready' });
    } finally {
      await standby.close();
    }
  });

  it('does not end a node that cannot say why it does not serve', async () => {
    let port = 0;
    const warnings: object[] = [];
    const info = (fields: object): void => {
      port = Number(Reflect.get(fields, 'port'));
    };
    const warn = (fields: object): void => {
      warnings.push(fields);
    };
    const err = new Error('the engine is broken');
    const standby = await openStandby(0, () => Promise.reject(err), { ...logger, info, warn });
    try {
      const asked = fetch(`http://127.0.0.1:${port}/health/ready`);
      expect(await asked.catch(() => 'closed')).to.equal('closed');
      expect(warnings).to.deep.equal([{ err }]);
      const alive = await fetch(`http://127.0.0.1:${port}/health/live`);
      expect(alive.status).to.equal(200);
    } finally {
      await standby.close();
    }
  });
});
