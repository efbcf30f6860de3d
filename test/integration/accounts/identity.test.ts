import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { expect } from 'chai';
import type { Sequelize } from 'sequelize';
import { answer } from '../../../lab/models/scripted-upstream.js';
import { startApp, type TestApp } from '../../../lab/nodes/app.js';
import { runHere } from '../../../lab/nodes/cli.js';
import { guessInARow, statuses } from '../../../lab/people/guesses.js';
import { createEmptyDatabase, type TestDatabase } from '../../../lab/stores/database.js';
import { createDatabase } from '../../../src/adapters/postgres/database.js';
import { createSequelize } from '../../../src/adapters/postgres/sql/sequelize.js';
import { createSql } from '../../../src/adapters/postgres/sql/sql.js';
import type { TokenResponse, User } from '../../../src/contract/accounts.js';
import type { Conversation } from '../../../src/contract/rest.js';
import { identityKey } from '../../../src/domain/accounts/identity.js';
import type { AppError } from '../../../src/entities/errors.js';

const PASSWORD = 'Größe 7 Ωmega';
const nfd = (text: string) => text.normalize('NFD');

interface Given {
  email: string;
  username: string;
  password?: string;
}

/** Addresses and names that look the same to people. */
const SAME_ADDRESS: [string, string][] = [
  ['rené@example.com', nfd('rené@example.com')],
  ['ädmin@example.com', 'ÄDMIN@EXAMPLE.COM'],
  ['info@example.com', 'INFO@EXAMPLE.COM'],
  ['жук@example.com', 'ЖУК@example.com'],
  ['σοφός@example.com', 'ΣΟΦΌΣ@example.com'],
  ['wide@example.com', 'ｗｉｄｅ@example.com'],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['bob@bücher.example', nfd('Bob@BÜCHER.example')],
  ['inbox@example.com', 'İnbox@example.com'],
  ['ILGIN@example.com', 'ılgın@example.com'],
  ['izmir@example.com', 'i\u0307zmir@example.com'],
  ['straße@example.com', 'STRASSE@example.com'],
  ['gruẞ@example.com', 'gruß@example.com'],
  ['ſam@example.com', 'Sam@example.com'],
  ['\u212Alaus@example.com', 'klaus@example.com'],
  ['\u212Bsa@example.com', nfd('åsa@example.com')],
  ['ανδρέας@example.com', 'ΑΝΔΡΈΑσ@example.com'],
  ['ᾳδης@example.com', 'ΑΙΔΗΣ@example.com'],
  ['ᏣᎳᎩ@example.com', 'ꮳꮃꭹ@example.com'],
  ['ᲘᲐ@example.com', 'ია@example.com'],
  ['ᲀера@example.com', 'вера@example.com'],
  ['j\u0307onas@example.com', 'JONAS@example.com'],
];
const SAME_NAME: [string, string][] = [
  ['renée', nfd('renée')],
  ['Ärger', 'ÄRGER'],
  ['indigo', 'INDIGO'],
  ['ｗｉｄｅｎ', 'widen'],
  ['two words', 'Two  Words'],
  ['한국어', nfd('한국어')],
  ['İpek', 'ipek'],
  ['ışık', 'IŞIK'],
  ['Weiß', 'WEISS'],
  ['ﬁnn', 'FINN'],
];
/** Characters that are invisible, or would be in an address or a name. */
const HIDDEN = [
  '\u200b', // zero-width space
  '\u200d', // joiner
  '\u202e', // right-to-left override
  '\u2066', // isolate
  '\u00ad', // soft hyphen
  '\u034f', // grapheme joiner
  '\u3164', // Hangul filler
  '\u2800', // blank of braille
  '\ufeff', // byte order mark
  '\ufe0f', // variation selector
  '\u{e0041}', // tag
  '\u2028', // line separator
  '\ufffc', // placeholder of an object
  '\u{13440}', // mirrors a hieroglyph
  '\t',
];
const LOCALES = [
  `LOCALE_PROVIDER libc LOCALE 'C'`,
  `LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'`,
];

describe('Addresses, names and passwords that are equal for people', () => {
  let app: TestApp;
  let serial = 0;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
  });
  after(() => app?.stop());

  const unique = () => {
    serial += 1;
    return serial;
  };
  const register = ({ password = PASSWORD, ...given }: Given, at = app) =>
    at.call<TokenResponse & { code: string }>('/auth/register', { body: { ...given, password } });
  const login = (email: string, password = PASSWORD, at = app) =>
    at.call<TokenResponse & { code: string }>('/auth/login', { body: { email, password } });

  const sameAddress = async (at: TestApp) => {
    for (const [one, other] of SAME_ADDRESS) {
      expect((await register({ email: one, username: `user ${unique()}` }, at)).status).to.equal(
        201,
      );
      const again = await register({ email: other, username: `user ${unique()}` }, at);
      expect([again.status, again.body.code], other).to.deep.equal([409, 'email_taken']);
      for (const spelling of [one, other])
        expect((await login(spelling, PASSWORD, at)).status, spelling).to.equal(200);
    }
  };

  it('are one account, whatever the spelling of the address', () => sameAddress(app));

  for (const locale of LOCALES) {
    it(`are one account in a database with ${locale}`, async () => {
      const database = await createEmptyDatabase(`ENCODING 'UTF8' ${locale}`);
      const other = await startApp({ LIMIT_SCALE: '0', DATABASE_URL: database.url });
      try {
        await sameAddress(other);
      } finally {
        await other.stop();
        await database.drop();
      }
    });
  }

  it('are one name', async () => {
    for (const [one, other] of SAME_NAME) {
      const first = await register({ email: `n${unique()}@example.com`, username: one });
      expect(first.status, one).to.equal(201);
      const again = await register({ email: `n${unique()}@example.com`, username: other });
      expect(again.body.code, other).to.equal('username_taken');
    }
  });

  it('are stored composed, and answered so', async () => {
    const email = `zoé${unique()}@example.com`;
    const { body } = await register({ email: nfd(email), username: nfd(`Zoé ${serial}`) });
    expect(body.user).to.include({ email, username: `Zoé ${serial}` });
    const token = body.access_token ?? '';
    const change = { email: nfd(`noé${serial}@example.com`) };
    const changed = await app.call<User>('/users/me', { method: 'PATCH', token, body: change });
    expect(changed.body.email).to.equal(`noé${serial}@example.com`);
  });

  it('are one password, composed or not, with blanks of any width', async () => {
    const spellings = [PASSWORD, nfd(PASSWORD), PASSWORD.replace(' ', '\u00a0')];
    for (const chosen of spellings) {
      const email = `p${unique()}@example.com`;
      await register({ email, username: `p${serial}`, password: chosen });
      for (const typed of spellings)
        expect((await login(email, typed)).status, JSON.stringify([chosen, typed])).to.equal(200);
      expect((await login(email, `${PASSWORD}!`)).body.code).to.equal('invalid_credentials');
    }
  });

  it('let in whoever has a hash of another form, from an earlier release', async () => {
    const { default: bcrypt } = await import('bcryptjs');
    for (const hashed of [nfd(PASSWORD), PASSWORD.replace(' ', '\u00a0')]) {
      const email = `old${unique()}@example.com`;
      await register({ email, username: `old${serial}` });
      const hash = await bcrypt.hash(hashed, 4);
      await app.rows('UPDATE users SET password_hash = $2 WHERE email = $1', [email, hash]);
      expect((await login(email, hashed)).status).to.equal(200);
    }
  });

  it('count a password by its composed form, however long it is otherwise', async () => {
    const password = 'é'.repeat(36);
    const email = `long${unique()}@example.com`;
    const { status } = await register({ email, username: `long${serial}`, password });
    expect(status).to.equal(201);
    expect(new TextEncoder().encode(nfd(password)).length).to.be.above(72);
    expect((await login(email, nfd(password))).status).to.equal(200);
  });

  it('are not to be chosen as a password: the own name, in any spelling', async () => {
    const username = `Zürich Bürkli ${unique()}`;
    const given = { email: `z${serial}@example.com`, username };
    const { status } = await register({ ...given, password: nfd(username.toUpperCase()) });
    expect(status).to.equal(422);
  });

  it('have nothing in them that cannot be seen', async () => {
    for (const hidden of HIDDEN) {
      const n = unique();
      const tries: [Given, string][] = [
        [{ email: `h${hidden}${n}@example.com`, username: `h${n}` }, 'email'],
        [{ email: `h${n}@exam${hidden}ple.com`, username: `h${n}` }, 'email'],
        [{ email: `h${n}@example.com`, username: `h${hidden}${n}` }, 'username'],
      ];
      for (const [given, path] of tries) {
        const { status, body } = await register(given);
        expect(status, JSON.stringify(given)).to.equal(422);
        expect(Reflect.get(body, 'errors')[0].path).to.equal(path);
      }
    }
  });

  it('are one budget for whoever guesses, also with letters that only some locales fold', async () => {
    const limited = await startApp({ TRUST_PROXY: 'true', LOGIN_PER_MINUTE: '1000' });
    try {
      const { email } = await limited.register('irini');
      const spellings = [
        email,
        email.toUpperCase(),
        'ırını@example.com',
        'İRİNİ@example.com',
        'ｉｒｉｎｉ@example.com',
      ];
      const answers = await guessInARow([limited.url], 12, (n) => ({
        email: spellings[n % spellings.length] ?? email,
      }));
      expect(statuses(answers.slice(0, 5))).to.deep.equal(Array(5).fill(401));
      expect(statuses(answers.slice(5))).to.deep.equal(Array(7).fill(429));
    } finally {
      await limited.stop();
    }
  });

  it('are compared by the program as by the database, whatever the letter', async () => {
    const letters = Array.from({ length: 0x10ffff }, (_, i) => i + 1)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((letter) => letter < '\u3000' || /[\p{L}\p{M}\p{Nl}]/u.test(letter))
      .filter((letter) => !/[\p{sc=Han}\p{sc=Hangul}\p{sc=Tangut}]/u.test(letter));
    const rows = await app.rows<{ key: string }>(
      `SELECT identity_key(letter) AS key FROM unnest($1::text[]) WITH ORDINALITY l (letter, place) ORDER BY place`,
      [letters],
    );
    // Letters of a later Unicode version than Postgres has, which Node may know.
    const later = '\ua7f1';
    const split = letters.filter((letter, i) => identityKey(letter) !== rows[i]?.key);
    expect(split.filter((letter) => letter !== later)).to.deep.equal([]);
    const keys = new Set(rows.map(({ key }) => key));
    expect(keys.size).to.be.below(letters.length - 2_000);
  });

  it('are equal in every locale that Postgres folds by', async () => {
    const cased = Array.from({ length: 0x20000 }, (_, i) => String.fromCodePoint(i || 1)).filter(
      (letter) => /\p{Changes_When_Casemapped}/u.test(letter),
    );
    const words = cased.flatMap((letter) => [letter, `x${letter}`]);
    const accented = cased.flatMap((letter) => [`${letter}\u0307`, `${letter}\u0300`]);
    expect(words.length).to.be.above(5_000);
    const different = async (fold: string, texts: string[]) => {
      const rows = await app.rows<{ text: string }>(
        `SELECT text FROM unnest($1::text[]) text WHERE identity_key(${fold}) <> identity_key(text)`,
        [texts],
      );
      return rows.map(({ text }) => text);
    };
    for (const locale of [
      'C',
      'pg_c_utf8',
      'pg_unicode_fast',
      'und-x-icu',
      'tr-x-icu',
      'lt-x-icu',
    ]) {
      const lower = `lower(text COLLATE "${locale}")`;
      expect(await different(lower, [...words, ...accented]), lower).to.deep.equal([]);
      const upper = `upper(text COLLATE "${locale}")`;
      expect(await different(upper, words), upper).to.deep.equal([]);
    }
  });

  describe('that were two accounts before a migration', () => {
    let database: TestDatabase;
    let sequelize: Sequelize;

    beforeEach(async () => {
      database = await createEmptyDatabase(`ENCODING 'UTF8' ${LOCALES[0]}`);
      sequelize = createSequelize({ url: database.url, poolMax: 2 });
    });
    afterEach(async () => {
      await sequelize?.close();
      await database?.drop();
    });

    const migration = (name = '') => createRequire(import.meta.url)(resolve('migrations', name));
    /** Applies all migrations from one name up to another, which is excluded. */
    const migrate = async (from: string, until: string) => {
      const names = (await readdir('migrations')).sort();
      const place = (end: string) => names.findIndex((name) => name.endsWith(`-${end}.cjs`));
      const to = until ? place(until) : names.length;
      for (const name of names.slice(from ? place(from) : 0, to))
        await migration(name).up(sequelize.getQueryInterface());
    };
    const insert = (emails: string[]) =>
      createSql(sequelize).run(
        `INSERT INTO users (email, username, password_hash) SELECT email, email, '' FROM unnest($1::text[]) email`,
        [emails],
      );
    const ids = async (spellings: string[]) => {
      const { users } = createDatabase(sequelize);
      const found = await Promise.all(spellings.map((email) => users.findCredentials(email)));
      return found.map((known) => known?.user.id);
    };

    it('stay two, and each is found by its own spelling', async () => {
      await migrate('', 'add-identity-keys');
      await insert(['ötwin@example.com', 'Ötwin@example.com', 'ada@bücher.example']);
      await migrate('add-identity-keys', '');
      const spellings = ['ötwin@example.com', 'Ötwin@example.com', 'ÖTWIN@example.com'];
      expect(await ids(spellings)).to.deep.equal([1, 2, 1]);
      expect(await ids(['Ada@xn--bcher-kva.example'])).to.deep.equal([3]);
    });

    it('keep every spelling that named them, when a later key makes them equal', async () => {
      await migrate('', 'fold-identity-keys');
      await insert([
        'Weiß@example.com',
        'weiss@example.com',
        'İnfo@example.com',
        'ınfo@example.com',
      ]);
      await insert(['groß@bücher.example', 'plain@example.com']);
      await migrate('fold-identity-keys', '');
      expect(await ids(['weiß@example.com', 'WEIẞ@example.com', 'Weiß@example.com'])).to.deep.equal(
        [1, 1, 1],
      );
      expect(await ids(['weiss@example.com', 'WEISS@example.com'])).to.deep.equal([2, 2]);
      expect(await ids(['i\u0307nfo@example.com', 'İNFO@example.com'])).to.deep.equal([3, 3]);
      expect(await ids(['ınfo@example.com', 'ıNFO@example.com'])).to.deep.equal([4, 4]);
      // A spelling that nobody had belongs to the older account.
      expect(await ids(['info@example.com', 'INFO@example.com'])).to.deep.equal([3, 3]);
      expect(await ids(['gross@bücher.example', 'PLAIN@example.com'])).to.deep.equal([5, 6]);
    });

    it('leave none of their spellings to others, when the one with the key leaves', async () => {
      await migrate('', 'fold-identity-keys');
      await insert(['info@example.com', 'İnfo@example.com']);
      await migrate('fold-identity-keys', '');
      const { users } = createDatabase(sequelize);
      await users.update(1, { email: 'gone@example.com' });
      for (const email of ['info@example.com', 'İnfo@example.com', 'ıNFO@example.com']) {
        const given = { email, username: 'another', passwordHash: '' };
        const refused = await users.create(given).catch((error: AppError) => error.code);
        expect(refused, email).to.equal('email_taken');
        expect(await ids([email])).to.deep.equal([2]);
      }
      const own = await users.update(2, { email: 'INFO@example.com' });
      expect(own?.email).to.equal('INFO@example.com');
    });

    it('have the keys of before when the migration is taken back', async () => {
      await migrate('', 'fold-identity-keys');
      await insert([
        'Weiß@example.com',
        'weiss@example.com',
        'groß@example.com',
        'ada@example.com',
      ]);
      const keys = () =>
        createSql(sequelize).rows('SELECT email_key, username_key FROM users ORDER BY id');
      const before = await keys();
      await migrate('fold-identity-keys', '');
      expect(await keys()).to.not.deep.equal(before);
      const names = await readdir('migrations');
      const name = names.find((one) => one.endsWith('-fold-identity-keys.cjs'));
      await migration(name).down(sequelize.getQueryInterface());
      expect(await keys()).to.deep.equal(before);
    });
  });

  describe('at the command line and for administrators', () => {
    const cli = async (args: string[]) => {
      const env = { DATABASE_URL: app.databaseUrl };
      const { exitCode, output, problem } = await runHere(env, [...args, '--json'], '');
      return exitCode === 0 ? (JSON.parse(output) as User) : problem;
    };

    it('an address is never a name, and an id never one of digits', async () => {
      const n = unique();
      const boss = await register({ email: `boss${n}@corp.example`, username: `chief ${n}` });
      await register({ email: `m${n}@example.com`, username: `boss${n}@other.example` });
      await register({ email: `d${n}@example.com`, username: `99${n}00099` });
      expect(await cli(['grant', `BOSS${n}@corp.example`, 'user'])).to.have.property(
        'id',
        boss.body.user.id,
      );
      expect(await cli(['grant', `boss${n}@other.example`, 'admin'])).to.include('no user');
      expect(await cli(['grant', `99${n}00099`, 'admin'])).to.include('no user');
      expect(await cli(['grant', '9'.repeat(30), 'admin'])).to.include('no user');
    });

    it('any spelling finds the account', async () => {
      const n = unique();
      const { body } = await register({ email: `jörg${n}@bücher.example`, username: `Jörg ${n}` });
      for (const spelling of [nfd(`JÖRG ${n}`), `JÖRG${n}@BÜCHER.example`, nfd(`jörg ${n}`)])
        expect(await cli(['grant', spelling, 'user']), spelling).to.have.property(
          'id',
          body.user.id,
        );
      await app.rows(
        `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`,
        [body.user.id],
      );
      const q = encodeURIComponent(nfd(`JÖRG ${n}`));
      const found = await app.call<User[]>(`/admin/users?q=${q}`, {
        token: body.access_token ?? '',
      });
      expect(found.body.map(({ id }) => id)).to.deep.equal([body.user.id]);
    });
  });
});

describe('Titles and what is searched in them', () => {
  let app: TestApp;

  before(async () => {
    app = await startApp({ LIMIT_SCALE: '0' });
    app.upstream.otherwise(answer('Sehr gerne.'));
  });
  after(() => app?.stop());

  it('begin with the first character of the message that people see', async () => {
    const ada = await app.register('ada');
    const device = await app.device(ada);
    const messages: [string, string][] = [
      ['\n\n  Hello\nWorld', 'Hello\nWorld'],
      ['\u3000\u00a0\u200b\ufeff你好', '你好'],
      [`  ${'😀'.repeat(60)}`, '😀'.repeat(50)],
      [nfd('Größe'), 'Größe'],
      [nfd('ệ').repeat(60), 'ệ'.repeat(50)],
    ];
    for (const [i, [content, title]] of messages.entries()) {
      const sent = await device.ask('message:send', { client_id: `t${i}`, content });
      expect(sent.conversation.title).to.equal(title);
      expect(sent.user_message.content).to.equal(content);
    }
  });

  it('are composed of the beginning alone: what marks in a row cost grows with the square', async () => {
    const device = await app.device(await app.register('eve'));
    // If it were composed with all its marks, the last one would come first.
    const content = `e${'\u0315'.repeat(31_000)}\u0327`;
    const sent = await device.ask('message:send', { client_id: 'marks', content });
    expect(sent.conversation.title).to.equal(`e${'\u0315'.repeat(49)}`);
  });

  it('are not made of what nobody sees', async () => {
    const ada = await app.register('ann');
    const device = await app.device(ada);
    for (const content of [' \n', '\u200b\u200d', '\u2800', '\u3164\u00ad', '\u0301', '\ufffc']) {
      const client_id = 'unseen';
      const { ok } = await device.emit('message:send', { client_id, content });
      expect(ok, JSON.stringify(content)).to.equal(false);
      const { status } = await app.call('/agent/conversations', {
        token: ada.token,
        body: { title: content },
      });
      expect(status).to.equal(422);
    }
  });

  it('are found in any spelling, and what looks like a pattern is text', async () => {
    const ada = await app.register('bea');
    const { token } = ada;
    const titles = [
      'Größe ändern',
      nfd('Café'),
      'a+b [c] (d) \\ $ ^ .* % _',
      'Ёлка',
      '数学题',
      'ΣΟΦΟΣ',
      'İSTANBUL ﬁn №5',
      'Oﬀice ｶﾞ of ㏕',
      'soft\u00adhyphen 👩\u200d💻',
      'ᏣᎳᎩ \u212Aa',
    ];
    for (const title of titles) {
      const made = await app.call('/agent/conversations', { token, body: { title } });
      expect(made.status).to.equal(201);
    }
    await app.rows(`UPDATE conversations SET title = $1 WHERE title = 'Café'`, [nfd('Café')]);
    const find = async (q: string) => {
      const path = `/agent/conversations?q=${encodeURIComponent(q)}`;
      const { body } = await app.call<Conversation[]>(path, { token });
      return body.map(({ title }) => title.normalize('NFC'));
    };
    const cases: [string, string[]][] = [
      [nfd('GRÖSSE'), ['Größe ändern']],
      [nfd('GRÖ'), ['Größe ändern']],
      ['ÄNDERN', ['Größe ändern']],
      ['CAFÉ', ['Café']],
      ['ёЛКА', ['Ёлка']],
      ['学', ['数学题']],
      ['σοφος', ['ΣΟΦΟΣ']],
      ['A+B [C] (D)', [titles[2] ?? '']],
      ['Σοφος', ['ΣΟΦΟΣ']],
      ['grösse', ['Größe ändern']],
      ['ｇｒößｅ', ['Größe ändern']],
      ['ändern größe', []],
      ['größe\u00a0\u3000ÄN', ['Größe ändern']],
      ['  GRÖẞE  ', ['Größe ändern']],
      ['gr\u200bö\u00adß\u2060e', ['Größe ändern']],
      ['\ufeffcafe\u0301\t', ['Café']],
      ['caf', ['Café']],
      ['cafe', []],
      ['カ', []],
      ['istanbu', ['İSTANBUL ﬁn №5']],
      ['İ', ['Oﬀice ｶﾞ of ㏕', 'İSTANBUL ﬁn №5']],
      ['cafe\u0302', []],
      ['istanbul', ['İSTANBUL ﬁn №5']],
      ['ıstanbul', ['İSTANBUL ﬁn №5']],
      ['i\u0307STAN', ['İSTANBUL ﬁn №5']],
      ['FIN', ['İSTANBUL ﬁn №5']],
      ['ﬁ', ['İSTANBUL ﬁn №5']],
      ['fın no5', ['İSTANBUL ﬁn №5']],
      ['ulﬁ', []],
      ['office', ['Oﬀice ｶﾞ of ㏕']],
      ['oﬃce', ['Oﬀice ｶﾞ of ㏕']],
      ['ガ', ['Oﬀice ｶﾞ of ㏕']],
      ['mil', ['Oﬀice ｶﾞ of ㏕']],
      ['softhyphen', ['soft\u00adhyphen 👩\u200d💻']],
      ['soft\u00adhyphen', ['soft\u00adhyphen 👩\u200d💻']],
      ['hyphen 👩\u200d💻', ['soft\u00adhyphen 👩\u200d💻']],
      ['👩💻', ['soft\u00adhyphen 👩\u200d💻']],
      ['👩💻'.slice(0, 2), ['soft\u00adhyphen 👩\u200d💻']],
      ['ꮳꮃꭹ', ['ᏣᎳᎩ \u212Aa']],
      ['KA', ['ᏣᎳᎩ \u212Aa']],
      ['.*', [titles[2] ?? '']],
      ['% _', [titles[2] ?? '']],
      ['a.b', []],
      ['[', [titles[2] ?? '']],
      ['\\', [titles[2] ?? '']],
    ];
    for (const [q, expected] of cases)
      expect(await find(q), q).to.deep.equal(expected.map((title) => title.normalize('NFC')));
    for (const nothing of ['', '  ', '\u3000\n', '\u200b', ' \u00ad\u2800 ', '\u{e0041}'])
      expect(await find(nothing), JSON.stringify(nothing)).to.have.length(titles.length);
  });
});
