import { expect } from 'chai';
import { connectionOf } from '../../../src/adapters/postgres/sql/connection.js';
import { describePostgres, parsePostgresUrl } from '../../../src/config/postgres-url.js';

const PLAIN = { host: 'h', port: 5_432, user: 'u', password: 'p', database: 'd', schema: 'public' };

describe('A Postgres URL', () => {
  const READ: [url: string, means: object][] = [
    ['postgres://u:p@h/d', { ...PLAIN, tls: null, applicationName: 'parley' }],
    ['postgresql://u:p@h:6000/d', { ...PLAIN, port: 6_000 }],
    ['postgres://u:a%40b%2Fc%23d%25e%3Af@h/d', { ...PLAIN, password: 'a@b/c#d%e:f' }],
    ['postgres://u:a:b@h/d', { ...PLAIN, password: 'a:b' }],
    ['postgres://u%40corp:p@h/d%20e', { ...PLAIN, user: 'u@corp', database: 'd e' }],
    ['postgres://%C3%BC:%C3%9F@h/%C3%A4', { ...PLAIN, user: 'ü', password: 'ß', database: 'ä' }],
    ['postgres://u@h/d', { ...PLAIN, password: null }],
    ['postgres://u:p@[::1]:6000/d', { ...PLAIN, host: '::1', port: 6_000 }],
    ['postgres://u:p@/d?host=h&port=6000', { ...PLAIN, port: 6_000 }],
    ['postgres://h/?user=u&password=p&dbname=d', PLAIN],
    ['postgres://u:p@/d?host=/var/run/postgresql', { ...PLAIN, host: '/var/run/postgresql' }],
    ['postgres://u:p@%2Ftmp/d', { ...PLAIN, host: '/tmp' }],
    ['postgres://u:p@h/d?application_name=a%20b', { ...PLAIN, applicationName: 'a b' }],
    ['postgres://u:p@h/d?options=-csearch_path%3Down', { ...PLAIN, schema: 'own' }],
    ['postgres://u:p@h/d?options=-c%20search_path%3Down', { ...PLAIN, schema: 'own' }],
    ['postgres://u:p@h/d?client_encoding=UTF8', PLAIN],
  ];
  for (const [url, means] of READ) {
    it(`is read as it is meant: ${url}`, () => {
      expect(parsePostgresUrl(url)).to.deep.include(means);
    });
  }

  const TLS: [query: string, ssl: unknown][] = [
    ['', undefined],
    ['sslmode=disable', false],
    ['ssl=false', false],
    ['ssl=0', false],
    ['sslmode=require', { rejectUnauthorized: true }],
    ['sslmode=verify-ca', { rejectUnauthorized: true }],
    ['sslmode=verify-full', { rejectUnauthorized: true }],
    ['sslmode=verify-full&sslrootcert=system', { rejectUnauthorized: true }],
    ['ssl=true', { rejectUnauthorized: true }],
    ['sslmode=no-verify', { rejectUnauthorized: false }],
    ['ssl=no-verify', { rejectUnauthorized: false }],
  ];
  for (const [query, ssl] of TLS) {
    it(`asks for TLS as it says: ?${query}`, () => {
      expect(connectionOf(parsePostgresUrl(`postgres://u:p@h/d?${query}`)).ssl).to.deep.equal(ssl);
    });
  }

  it('names the variable and the parameter of a file that cannot be read', () => {
    const target = parsePostgresUrl('postgres://u:p@h/d?sslrootcert=/nowhere/ca.pem');
    expect(() => connectionOf(target)).to.throw(/^DATABASE_URL: the file of sslrootcert .*ENOENT/);
  });

  const WRONG: [url: string, problem: RegExp][] = [
    ['postgres://u:hunter2@x@h/d', /percent-encode/],
    ['postgres://u:hunter2/x@h/d', /percent-encode/],
    ['postgres://u:1/hunter2@h/d', /percent-encode/],
    ['postgres://u:hunter2#x@h/d', /percent-encode/],
    ['postgres://u:1?hunter2@h/d', /a parameter after the \?/],
    ['postgres://u:hunter2%zz@h/d', /percent-encode/],
    ['postgres://u:hunter2%@h/d', /percent-encode/],
    ['postgres://u:hunter2 x@h/d', /percent-encode/],
    ['postgres://u:hunter2@h/d#', /percent-encode/],
    ['postgres://u:hunter2@h/d/e', /percent-encode/],
    ['postgres://u:hunter2@a,b/d', /several hosts/],
    ['postgres://u:hunter2@a:1,b:2/d', /several hosts/],
    ['postgres://u:hunter2@/d?host=a,b', /several hosts/],
    ['postgres://u:hunter2@h/d?host=other', /host is given twice/],
    ['postgres://u:hunter2@h:1/d?port=2', /port is given twice/],
    ['postgres://u:hunter2@h/d?user=other', /user is given twice/],
    ['postgres://u:hunter2@h/d?dbname=other', /dbname is given twice/],
    ['postgres://u:hunter2@h/d?sslmode=disable&sslmode=require', /sslmode is given twice/],
    ['postgres://u:hunter2@h/d?sslmode=require&ssl=false', /not both/],
    ['postgres://u:hunter2@h/d?sslmode=prefer', /sslmode must be one of/],
    ['postgres://u:hunter2@h/d?sslmode=Require', /sslmode must be one of/],
    ['postgres://u:hunter2@h/d?ssl=maybe', /ssl must be/],
    ['postgres://u:hunter2@h/d?sslmode=disable&sslrootcert=f', /disables TLS/],
    ['postgres://u:hunter2@/d?host=/tmp&sslmode=require', /TLS on a socket/],
    ['postgres://u:hunter2@h/d?sslcert=f', /need each other/],
    ['postgres://u:hunter2@h/d?client_encoding=latin1', /client_encoding must be UTF8/],
    ['postgres://u:hunter2@h/d?options=-cdatestyle%3DGerman', /options may only be/],
    ['postgres://u:hunter2@h/d?channel_binding=require', /the parameter channel_binding/],
    ['postgres://u:hunter2@h/d?target_session_attrs=any', /the parameter target_session_attrs/],
    ['postgres://u:hunter2@h/d?sslmod=require', /a parameter after the \?/],
    ['postgres://u:hunter2@/d', /names no host/],
    ['postgres:///d', /names no host/],
    ['postgres://u:hunter2@h', /names no database/],
    ['postgres://u:hunter2@h/', /names no database/],
    ['postgres://:hunter2@h/d', /names no user/],
    ['postgres://h/d', /names no user/],
    [`postgres://u:hunter2@h/${'d'.repeat(64)}`, /database is longer than 63 bytes/],
    [`postgres://${'ü'.repeat(32)}:hunter2@h/d`, /user is longer than 63 bytes/],
    [
      `postgres://u:hunter2@h/d?options=-csearch_path%3D${'s'.repeat(64)}`,
      /schema is longer than 63 bytes/,
    ],
    ['postgres://u:hunter2@h:0/d', /port/],
    ['postgres://u:hunter2@h:70000/d', /port/],
    ['postgres://u:hunter2@h:x/d', /host:port/],
    ['postgres://u:hunter2@[::g]/d', /not a host name/],
    ['postgres://u:hunter2@h!/d', /not a host name/],
    ['postgres://u:hunter2%00@h/d', /control character/],
    ['postgres:u:hunter2@h/d', /not the address/],
    ['mysql://u:hunter2@h/d', /not the address/],
    ['host=h user=u password=hunter2', /not the address/],
    ['/var/run/postgresql hunter2', /not the address/],
  ];
  for (const [url, problem] of WRONG) {
    it(`is refused in one line, without its password: ${url}`, () => {
      const read = () => parsePostgresUrl(url);
      expect(read).to.throw(problem);
      expect(read).to.throw(/^((?!hunter2)[^\n])*$/);
    });
  }

  it('is named without user and password', () => {
    const named = (url: string) => describePostgres(parsePostgresUrl(url));
    expect(named('postgres://u:p@h/d')).to.equal('h:5432');
    expect(named('postgres://u:p@[::1]:6000/d')).to.equal('[::1]:6000');
    expect(named('postgres://u:p@/d?host=/tmp')).to.equal('/tmp');
  });
});
