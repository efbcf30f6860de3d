import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.js';
import { freePort } from '../stores/redis.js';
import { type Program, startProgram } from './program.js';
import { findHaproxy, findNginx } from './programs.js';

export interface Balancer extends Program {
  url: string;
}

export type BalancerKind = 'haproxy' | 'nginx';

const shipped = (name: string) => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));

async function required(find: () => Promise<string | null>, name: string): Promise<string> {
  const program = await find();
  if (!program) throw new Error(`No ${name}: install it, or run the tests through \`npm test\`.`);
  return program;
}

/** The balancer works once it has found every ready node. */
const serves = (url: string) => () =>
  eventually(
    () =>
      fetch(`${url}/health/ready`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  ).then(() => {});

const nodeNames = (hosts: readonly string[]) =>
  Object.fromEntries(hosts.map((host, i) => [`NODE${i + 1}`, host]));

async function startHaproxy(hosts: readonly string[], port: number, url: string) {
  return startProgram({
    name: 'haproxy',
    command: await required(findHaproxy, 'haproxy'),
    args: () => ['-db', '-f', shipped('haproxy.cfg')],
    env: { BIND: `127.0.0.1:${port}`, ...nodeNames(hosts) },
    ready: serves(url),
  });
}

/** The part of Debian's nginx.conf around a file of conf.d, without its fixed paths. */
const around = (dir: string) => `
  pid ${dir}/nginx.pid; error_log stderr; daemon off; master_process off;
  events {}
  http {
    client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir};
    uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
    include ${dir}/parley.conf;
  }`;

async function startNginx(hosts: readonly string[], port: number, url: string) {
  const names: Record<string, string> = { LISTEN: `127.0.0.1:${port}`, ...nodeNames(hosts) };
  return startProgram({
    name: 'nginx',
    command: await required(findNginx, 'nginx'),
    async args(dir) {
      const text = await readFile(shipped('nginx.conf'), 'utf8');
      // Substitutes as envsubst does.
      const filled = text.replace(/\$\{([A-Z0-9]+)\}/g, (_, name) => names[name] ?? '');
      await writeFile(join(dir, 'parley.conf'), filled);
      await writeFile(join(dir, 'nginx.conf'), around(dir));
      return ['-c', join(dir, 'nginx.conf'), '-e', 'stderr'];
    },
    ready: serves(url),
  });
}

/** The shipped configuration in front of three nodes, given as `host:port`. */
export async function startBalancer(
  kind: BalancerKind,
  hosts: readonly string[],
): Promise<Balancer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = kind === 'haproxy' ? startHaproxy : startNginx;
  return { ...(await start(hosts, port, url)), url };
}
