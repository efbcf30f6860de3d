import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { packClient } from '../../scripts/client-package.js';

const run = promisify(execFile);

/** A project of its own, with the SDK as npm unpacks its tarball, and the SDK's dependencies. */
export interface ClientProject {
  directory: string;
  /** The directory in which the package is installed. */
  installed: string;
  tarball: string;
  remove(): Promise<void>;
}

/** `beside`: packages of this project that the other one has too. */
export async function createClientProject(beside: readonly string[]): Promise<ClientProject> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-project-'));
  const tarball = await packClient(directory);
  const installed = join(directory, 'node_modules/parley-client');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of ['socket.io-client', ...beside]) {
    const link = join(directory, 'node_modules', name);
    await mkdir(resolve(link, '..'), { recursive: true });
    await symlink(resolve('node_modules', name), link);
  }
  return {
    ...{ directory, installed, tarball },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Copies an example, as a person does who begins with it. */
export async function copyExample(project: ClientProject, name: string): Promise<string> {
  const directory = join(project.directory, name);
  await cp(join('examples', name), directory, { recursive: true });
  return directory;
}
