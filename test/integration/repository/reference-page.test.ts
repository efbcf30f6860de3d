import { expect } from 'chai';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { restRoutes } from '../../../lab/people/routes.js';
import { CHINESE } from '../../../scripts/references/zh/words.js';
import { LIMITS } from '../../../src/contract/limits.js';
import { eventSchemas } from '../../../src/validation/schemas.js';

/** Code, and names of methods, types and languages. */
const NAMES =
  /<(code|pre|svg|script)\b.*?<\/\1>|<(span|button|figcaption)[^>]* class="(?:badge |name|type|code-)[^>]*>.*?<\/\2>/gs;
/** Names of products and shapes. */
const SAME =
  /^(Open(AI )?API( 3\.1)?|AsyncAPI 3\.0|Webhook|Parley|English|data|UTC|object|null|[A-Z]\w+)$/;

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The texts between all tags. */
const textsOf = (markup: string): string[] =>
  markup
    .split(/<[^>]*>/)
    .map((text) => unescaped(text).replace(/^[\s。，]+|[\s。，]+$/g, ''))
    .filter((text) => text !== '');

describe('/docs', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp();
  });
  after(() => app.stop());

  const page = (path: string, language = 'en') =>
    app.call<string>(path, { headers: { 'accept-language': language } });

  it('is in the language of the browser, or of a link on it', async () => {
    const [english, chinese, byLink] = await Promise.all([
      page('/docs'),
      page('/docs', 'zh-CN,zh;q=0.9'),
      page('/docs?language=zh'),
    ]);
    expect(english.headers.get('vary')).to.match(/Accept-Language/);
    expect(english.body).to.include('<html lang="en">').and.include('API reference');
    expect(chinese.body).to.include('<html lang="zh-CN">').and.include('API 参考');
    expect(byLink.body).to.equal(chinese.body);
    expect(chinese.body).to.include('href="/docs?language=en"');
    expect(english.headers.get('cache-control')).to.equal('no-cache');
    expect(english.headers.get('etag')).to.not.equal(null);
  });

  it('says everything in Chinese but names', async () => {
    const { body } = await page('/docs', 'zh');
    const all = textsOf(body.slice(body.indexOf('<body')).replace(NAMES, '<>'));
    expect(all.length).to.be.greaterThan(1_000);
    // Missing texts belong into scripts/references/zh.
    const english = all.filter((text) => /[a-z]{2}/i.test(text) && !/\p{sc=Han}/u.test(text));
    expect(new Set(english.filter((text) => !SAME.test(text)))).to.deep.equal(new Set());
    const mixed = all.filter((text) => /[a-z]+( [a-z]+){2}/i.test(text));
    expect(
      new Set(mixed.filter((text) => !/Open WebUI|OpenAI API/.test(text))),
      'in sentences',
    ).to.deep.equal(new Set());
  });

  it('keeps no Chinese text whose English is gone', async () => {
    const { body } = await page('/docs', 'zh');
    const said = unescaped(body.replace(/<\/?code>/g, '`'));
    const unused = Object.values(CHINESE).filter((text) => !said.includes(text));
    expect(unused).to.deep.equal([]);
  });

  it('has a place for every call and event, with examples in each language', async () => {
    const { body } = await page('/docs');
    const names = restRoutes().map(({ path }) => `<code class="path">${path}</code>`);
    const events = Object.keys(eventSchemas).map((name) => `id="${name}"`);
    for (const text of [...names, ...events]) expect(body).to.include(text);
    const links = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).to.be.greaterThan(300);
    for (const id of new Set(links)) expect(body, `#${id}`).to.include(`id="${id}"`);
    const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(body).to.include(`${LIMITS.messageChars.toLocaleString('en-US')} characters`);
  });

  it('runs nothing that is in it, and loads nothing from elsewhere', async () => {
    const { body } = await page('/docs');
    expect(body).to.not.match(
      /<style|style=|\son\w+=|<script(?! type="module" src="\/references\/)/,
    );
    const loaded = [...body.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+)"/g)];
    expect(loaded.length).to.be.greaterThan(2);
    for (const [, address = ''] of loaded) {
      expect(address).to.match(/^\/(icons|references)\//);
      const { status, headers } = await app.call(address);
      expect(status, address).to.equal(200);
      if (address.startsWith('/references/'))
        expect(headers.get('cache-control')).to.include('immutable');
    }
  });
});
