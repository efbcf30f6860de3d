import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import type { Response } from 'express';
import { AppError } from '../../../src/entities/errors.js';
import { sendExport } from '../../../src/http/exports/account-export.js';

type Sent = Parameters<typeof sendExport>;

async function* endless() {
  for (let id = 1; ; id += 1) yield { id, title: 'a'.repeat(10_000) };
}

describe('A download of an account', () => {
  const source = {
    head: async () => ({}),
    conversations: () => endless(),
    messages: async function* () {},
  } as unknown as Sent[1];
  const rights = {
    require: async () => {},
    watch: () => ({ signal: new AbortController().signal, close() {} }),
  } as unknown as Sent[3];

  it('ends when its reader takes nothing any more', async () => {
    const server = createServer();
    const sent = new Promise<void>((resolve, reject) => {
      server.on('request', (_, response) => {
        const res = Object.assign(response, { set: () => response }) as unknown as Response;
        sendExport(res, source, { user: {} } as Sent[2], rights, 50).then(resolve, reject);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    reader.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await sent;
    expect(reader.destroyed).to.equal(false);
    reader.destroy();
    server.close();
  });

  it('that loses its right before its first byte fails with the reason', async () => {
    const right = new AbortController();
    const res = {
      ...{
        headersSent: false,
        set() {},
        setTimeout() {},
        removeHeader: (name: string) => removed.push(name),
      },
    };
    const removed: string[] = [];
    const reason = new AppError('session_revoked');
    const rights = {
      require: async () => right.abort(reason),
      watch: () => ({ signal: right.signal, close() {} }),
    } as unknown as Sent[3];
    const sent = sendExport(res as unknown as Response, source, { user: {} } as Sent[2], rights);
    expect(await sent.catch((error: unknown) => error)).to.equal(reason);
    expect(removed).to.deep.equal(['Content-Disposition']);
  });
});
