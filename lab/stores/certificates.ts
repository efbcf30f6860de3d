import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Files of an authority that nobody else knows, and of a server certified by it. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
  remove(): Promise<void>;
}

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** `names` of the server: `DNS:localhost,IP:127.0.0.1`. */
export async function makeCertificates(names = 'DNS:localhost'): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-tls-'));
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  const authority = [...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'];
  await openssl('req', '-x509', ...authority, '-subj', '/CN=parley tests');
  await openssl('req', ...NEW_KEY, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/');
  await writeFile(at('names'), `subjectAltName=${names}\n`);
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'server.csr', ...by, '-days', '2', '-out', 'server.pem');
  return {
    authority: at('ca.pem'),
    certificate: at('server.pem'),
    key: at('server.key'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
