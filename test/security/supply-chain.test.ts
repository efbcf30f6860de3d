import { expect } from 'chai';
import { codes, readText, rows, section } from '../support/markdown.js';

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  hasInstallScript?: boolean;
}

/** Licences that only require their text. */
const PERMISSIVE =
  /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|PostgreSQL|Unlicense|CC0-1\.0|BlueOak-1\.0\.0|Python-2\.0|MIT-0)( (OR|AND) .*)?\)?$/;

const REGISTRY = 'https://registry.npmjs.org/';
/** Packages whose manifests use an older form of the field, which locks do not copy. */
const UNNAMED: Record<string, string> = {
  'node_modules/busboy': 'MIT',
  'node_modules/streamsearch': 'MIT',
  'node_modules/xmlhttprequest-ssl': 'MIT',
};

describe('the dependencies', () => {
  let locked: [string, Locked][];
  let manifest: Record<'dependencies' | 'devDependencies' | 'allowScripts', Record<string, string>>;
  let root: Record<string, Record<string, string>>;

  before(async () => {
    const lock = JSON.parse(await readText('package-lock.json'));
    expect(lock.lockfileVersion).to.equal(3);
    root = lock.packages[''];
    locked = Object.entries<Locked>(lock.packages).filter(([path]) => path !== '');
    manifest = JSON.parse(await readText('package.json'));
  });

  it('are locked as package.json asks for them, so that `npm ci` accepts the lock', () => {
    expect(root.dependencies).to.deep.equal(manifest.dependencies);
    expect(root.devDependencies).to.deep.equal(manifest.devDependencies);
    const paths = new Set(locked.map(([path]) => path));
    for (const name of Object.keys(manifest.dependencies)) {
      expect(paths.has(`node_modules/${name}`), name).to.equal(true);
    }
  });

  it('come from the registry, each with the hash of its content', () => {
    expect(locked.length).to.be.greaterThan(200);
    for (const [path, { resolved, integrity }] of locked) {
      // npm uses its configured registry if there is no address; the hash is checked in any case.
      expect(resolved ?? REGISTRY, path).to.match(/^https:\/\/registry\.npmjs\.org\//);
      expect(integrity, path).to.match(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });

  it('of the product have licences that allow to pass it on', () => {
    const used = locked.filter(([, { dev, devOptional }]) => !dev && !devOptional);
    expect(used.length).to.be.greaterThan(100);
    for (const [path, { license }] of used) {
      expect(license ?? UNNAMED[path], path).to.match(PERMISSIVE);
    }
  });

  it('run scripts at their installation only where that is allowed by name', () => {
    const allowed = new Set(Object.keys(manifest.allowScripts));
    const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
    const names = running.map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(names.filter((name) => !allowed.has(name))).to.deep.equal([]);
  });

  it('are explained, each in a line', async () => {
    const page = section(await readText('docs/security.md'), '## Dependencies');
    const explained = rows(page).flatMap(([cell = '']) => codes(cell));
    const bundled = [
      'dompurify',
      'highlight.js',
      'idb',
      'katex',
      'marked',
      'preact',
      '@preact/signals',
    ];
    expect(explained).to.have.members([...Object.keys(manifest.dependencies), ...bundled]);
  });
});
