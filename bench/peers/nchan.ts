import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../lab/eventually.js';
import { startProgram } from '../../lab/nodes/program.js';
import { findNginx } from '../../lab/nodes/programs.js';
import { freePort } from '../../lab/stores/redis.js';
import { type Measured, onProcessor, type Pinned } from '../support/script.js';

/** The path in Debian's `libnginx-mod-nchan`. */
const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

/** One process with one channel that stores nothing: `POST /pub` goes to everybody at `/sub`. */
const config = (dir: string, port: number) => `
  load_module ${MODULE};
  pid ${dir}/nginx.pid; error_log stderr; daemon off; master_process off;
  events { worker_connections 8192; }
  worker_rlimit_nofile 16384;
  http {
    access_log off;
    client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir};
    uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
    server {
      listen 127.0.0.1:${port};
      location = /pub { nchan_publisher http; nchan_channel_id room; nchan_store_messages off; }
      location = /sub { nchan_subscriber websocket; nchan_channel_id room; nchan_subscriber_first_message newest; }
      location = / { return 204; }
    }
  }`;

/** CPU of a process without threads, in µs. */
const cpuOf = async (pid: number) =>
  Number((await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ')[0]) / 1_000;

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** nginx with its module for channels; null if one of them, or Linux, is missing. */
export async function startNchan(pinned: Pinned): Promise<Measured | null> {
  const nginx = await findNginx();
  if (!nginx || !(await isThere(MODULE)) || !(await isThere('/proc/self/schedstat'))) return null;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [command = nginx, ...args] = onProcessor([nginx], pinned);
  const { pid, stop } = await startProgram({
    name: 'nchan',
    command,
    async args(dir) {
      const file = join(dir, 'nginx.conf');
      await writeFile(file, config(dir, port));
      return [...args, '-c', file, '-e', 'stderr'];
    },
    ready: async () => {
      const served = () => fetch(url).then(({ status }) => status === 204);
      await eventually(() => served().catch(() => false), Boolean, 10_000);
    },
  });
  return { url, stop, usage: async () => ({ cpu: await cpuOf(pid) }) };
}
