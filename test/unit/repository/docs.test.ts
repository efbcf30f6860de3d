import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { settingsFiles } from '../../../scripts/settings-pages.js';
import { createRest } from '../../../src/client/rest/rest.js';
import { ENV_TABLE } from '../../../src/config/config.js';
import { ERRORS } from '../../../src/contract/errors.js';
import type { ServerEvents } from '../../../src/contract/events.js';
import { LIMITS } from '../../../src/contract/limits.js';
import {
  CALL_SCOPES,
  EVENT_SCOPES,
  PROGRAM_SCOPES,
  type ScopeNeed,
} from '../../../src/contract/scopes.js';
import { eventSchemas } from '../../../src/validation/schemas.js';
import { codes, fences, readText, rows, section } from '../../support/markdown.js';

/** An event that is missing here does not compile. */
const SERVER_EVENTS = Object.keys({
  'message:created': true,
  'message:delta': true,
  'message:status': true,
  'message:completed': true,
  'message:updated': true,
  'message:deleted': true,
  'presence:changed': true,
  'typing:changed': true,
  'read:changed': true,
  'conversation:created': true,
  'conversation:updated': true,
  'conversation:deleted': true,
  'answer:changed': true,
  'import:progress': true,
  'server:hello': true,
  'server:draining': true,
  'server:resync': true,
  'session:expiring': true,
  'session:ended': true,
} satisfies Record<keyof ServerEvents, true>);

const READMES = ['README.md', 'README.zh-CN.md'];
const PAGES_OF_SETTINGS = [
  ['docs/configuration.md', /^[^\p{sc=Han}]*[a-z]{3}[^\p{sc=Han}]*$/u],
  ['docs/configuration.zh-CN.md', /\p{sc=Han}{2}/u],
] as const;
const pages = async () => [
  ...READMES,
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/NOTES.md',
  ...(await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

const first = (cells: string[]) => cells[0] ?? '';
const names = (cells: string[]) => codes(first(cells));
const isRest = (cells: string[]) => first(cells) === '`rest`';
const isReserved = (cells: string[]) => first(cells).includes('(reserved)');

describe('The documentation', () => {
  for (const [path, text] of Object.entries(settingsFiles())) {
    it(`has ${path} as scripts/settings.ts writes it`, async () => {
      expect(await readText(path)).to.equal(text);
    });
  }

  it('has every variable on both pages of settings, with a meaning in their language', async () => {
    for (const [path, language] of PAGES_OF_SETTINGS) {
      const table = rows(await readText(path));
      expect(table.map(([name]) => name)).to.deep.equal(ENV_TABLE.map(({ name }) => `\`${name}\``));
      for (const [name, type, , meaning = ''] of table) {
        expect(type, name).to.not.equal('');
        expect(meaning.replace(/`[^`]*`/g, ''), name).to.match(language);
      }
    }
  });

  it('has the same blocks of code in both languages of the README', async () => {
    const [english, chinese] = await Promise.all(READMES.map(readText));
    const blocks = fences(english ?? '');
    expect(blocks.length).to.be.greaterThan(5);
    expect(fences(chinese ?? '')).to.deep.equal(blocks);
  });

  it('has the same sections in both languages of the README', async () => {
    const levels = (text: string) =>
      text
        .replace(/^```[\s\S]*?^```/gm, '')
        .split('\n')
        .flatMap((line) => /^#+(?= )/.exec(line)?.[0] ?? []);
    const [english, chinese] = await Promise.all(READMES.map(readText));
    expect(levels(chinese ?? '')).to.deep.equal(levels(english ?? ''));
  });

  it('has a README that a newcomer reads to its end', async () => {
    expect((await readText('README.md')).trim().split(/\s+/)).to.have.length.below(900);
  });

  it('has the ratios of the newest results in both READMEs and on the page of performance', async () => {
    const { tokens } = JSON.parse(await readText('bench/results.json'));
    const ratio = (row: string) => (tokens.rows[row].median / tokens.rows.limit.median).toFixed(1);
    const [english = '', chinese = ''] = await Promise.all(READMES.map(readText));
    const words = english.replace(/\s+/g, ' ');
    expect(words).to.include(`a node spends ${ratio('ours-memory')} times the CPU`);
    expect(words).to.include(`the \`openai\` SDK's loop spends ${ratio('openai-sdk')} times`);
    expect(chinese).to.include(`的 ${ratio('ours-memory')} 倍`);
    expect(chinese).to.include(`是 ${ratio('openai-sdk')} 倍`);
    const table = rows(section(await readText('docs/performance.md'), '## CPU per token'));
    expect(table.map((cells) => cells.at(-1))).to.have.members(Object.keys(tokens.rows).map(ratio));
  });

  it('has the version of package.json as the newest release in the changelog, with a date', async () => {
    const { version } = JSON.parse(await readText('package.json'));
    const releases = (await readText('CHANGELOG.md')).match(/^## \[\d.*$/gm) ?? [];
    expect(releases[0]).to.match(new RegExp(`^## \\[${version}\\] - \\d{4}-\\d\\d-\\d\\d$`));
  });

  it('names only scripts that exist', async () => {
    const { scripts } = JSON.parse(await readText('package.json'));
    for (const page of await pages()) {
      const used = [...(await readText(page)).matchAll(/\bnpm (?:run ([a-z:]+)|(start|test)\b)/g)];
      for (const [, script = '', short = ''] of used) {
        expect(scripts, page).to.have.property(script || short);
      }
    }
  });

  it('begins with the two commands', async () => {
    const commands = fences(await readText('README.md')).slice(0, 2);
    expect(commands.map(({ code }) => code)).to.deep.equal([
      'npm ci && npm start\n',
      'npm ci && npm test\n',
    ]);
  });

  it('links and points only to files that exist', async () => {
    for (const page of await pages()) {
      const text = await readText(page);
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to = '']) =>
        join(dirname(page), to),
      );
      const paths = codes(text).filter((code) =>
        /^(src|test|scripts|migrations)\/[\w./-]+$/.test(code),
      );
      for (const path of [...links, ...paths])
        expect(existsSync(path), `${page}: ${path}`).to.equal(true);
    }
  });

  it('names only files that exist in its pictures', async () => {
    const sources = new Set(
      (await readdir('src', { recursive: true })).map((file) => basename(file)),
    );
    for (const page of await pages()) {
      const pictures = fences(await readText(page)).filter(({ info }) => info === 'mermaid');
      const named = pictures.flatMap(({ code }) => code.match(/[\w-]+\.tsx?\b/g) ?? []);
      expect(
        named.filter((file) => !sources.has(file)),
        page,
      ).to.deep.equal([]);
    }
  });

  it('links only to headings that exist', async () => {
    for (const page of await pages()) {
      for (const [, to = '', anchor] of (await readText(page)).matchAll(
        /\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g,
      )) {
        const target = await readText(to === '' ? page : join(dirname(page), to));
        const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => slug(title));
        expect(anchors, `${page}: ${to}#${anchor}`).to.include(anchor);
      }
    }
  });
});

/** Makes anchors of headings as GitHub does. */
const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

describe('docs/clients.md', () => {
  it('has every call of the SDK over REST', async () => {
    const page = await readText('docs/clients.md');
    const [, calls = ''] = rows(section(page, '### createClient')).find(isRest) ?? [];
    const rest = createRest({ url: '', token: () => null, timeoutMs: 1 });
    expect(codes(calls)).to.have.members(Object.keys(rest));
  });
});

describe('docs/protocol.md', () => {
  let page: string;

  before(async () => {
    page = await readText('docs/protocol.md');
  });

  it('has every client event, and marks what is not served as reserved', () => {
    const table = rows(section(page, '### Client events'));
    const served = table.filter((row) => !isReserved(row)).flatMap(names);
    expect(served).to.have.members(Object.keys(eventSchemas));
    const reserved = table.filter(isReserved).flatMap(names);
    expect(reserved.filter((name) => Object.hasOwn(eventSchemas, name))).to.deep.equal([]);
  });

  it('tells the fields of every client event', () => {
    for (const [event = '', payload = ''] of rows(section(page, '### Client events'))) {
      const [name = ''] = codes(event);
      const schema = Object.entries(eventSchemas).find(([key]) => key === name)?.[1];
      if (!schema || payload.startsWith('the same fields')) continue;
      const { keys } = schema.describe();
      const expected = Object.entries<{ flags?: { presence?: string } }>(keys).map(
        ([key, { flags }]) => (flags?.presence === 'required' ? key : `${key}?`),
      );
      const inner = payload.replace(/\[\{.*?\}\]/g, '');
      expect(inner.match(/\w+\??/g)?.sort(), name).to.deep.equal(expected.sort());
    }
  });

  it('has every server event', () => {
    const table = rows(section(page, '### Server events'));
    expect(table.flatMap(names)).to.have.members(SERVER_EVENTS);
  });

  it('has every error code with its status and whether it may be retried', () => {
    const table = rows(section(page, '## Errors')).map((row) => row.slice(0, 3));
    const expected = Object.entries(ERRORS).map(([code, { status, retryable }]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
    ]);
    expect(table).to.deep.equal(expected);
  });

  it('has what keys need for every call and event', () => {
    const all: Record<string, ScopeNeed> = { ...CALL_SCOPES, ...PROGRAM_SCOPES, ...EVENT_SCOPES };
    const needs = Object.entries(all);
    const said = (need: ScopeNeed) =>
      need.map((all) => all.map((scope) => `\`${scope}\``).join(' and ') || 'any').join(' or ');
    const told = rows(section(page, '## Keys')).flatMap(([scope = '', calls = '']) =>
      codes(calls).map((call) => [call, scope]),
    );
    const wanted = needs.flatMap(([call, need]) => (need.length > 0 ? [[call, said(need)]] : []));
    expect(told).to.have.deep.members(wanted);
    const closed = needs.flatMap(([call, need]) => (need.length === 0 ? call : []));
    expect(closed).to.deep.equal(['session:renew']);
  });

  it('has every limit', () => {
    const numbers = new Set(section(page, '## Limits').match(/\d[\d,]*\d|\d/g));
    for (const [name, value] of Object.entries(LIMITS)) {
      expect(numbers, name).to.include(value.toLocaleString('en-US'));
    }
  });
});
