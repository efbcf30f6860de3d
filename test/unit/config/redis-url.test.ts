import { expect } from 'chai';
import { describeTarget, parseRedisUrl } from '../../../src/config/redis-url.js';

describe('A Redis URL', () => {
  it('names one server', () => {
    expect(parseRedisUrl('redis://localhost')).to.include({ kind: 'single', tls: false, db: 0 });
    expect(parseRedisUrl('redis://localhost').hosts).to.deep.equal([
      { host: 'localhost', port: 6379 },
    ]);
    expect(parseRedisUrl('redis://[::1]:7000/2')).to.deep.include({
      hosts: [{ host: '::1', port: 7000 }],
      db: 2,
    });
  });

  it('carries TLS, a user and a percent-encoded password', () => {
    expect(parseRedisUrl('rediss://me:p%40ss:w@h:1')).to.include({
      tls: true,
      username: 'me',
      password: 'p@ss:w',
    });
    expect(parseRedisUrl('redis://:secret@h')).to.include({ username: null, password: 'secret' });
  });

  it('names a Cluster by some of its nodes', () => {
    const target = parseRedisUrl('redis://a:7000,b:7001/?cluster');
    expect(target.kind).to.equal('cluster');
    expect(target.hosts).to.deep.equal([
      { host: 'a', port: 7000 },
      { host: 'b', port: 7001 },
    ]);
    expect(describeTarget(target)).to.equal('cluster a:7000,b:7001');
  });

  it('names a master by its Sentinels', () => {
    const url = 'redis://:p@s1,s2:26380/3?sentinel=mymaster&sentinel_password=q';
    expect(parseRedisUrl(url)).to.deep.include({
      kind: 'sentinel',
      masterName: 'mymaster',
      sentinelPassword: 'q',
      db: 3,
      hosts: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26380 },
      ],
    });
  });

  const WRONG: [url: string, problem: RegExp][] = [
    ['http://h', /not a Redis URL/],
    ['redis://', /not a Redis URL/],
    ['redis://a:1,b:2', /several hosts/],
    ['redis://a:1,', /not host:port/],
    ['redis://a:port', /not host:port/],
    ['redis://a?cluster&sentinel=m', /exclude/],
    ['redis://a?sentinel=', /name/],
    ['redis://a/1?cluster', /database 0/],
    ['redis://a?db=1', /unknown option db/],
    ['redis://:%zz@a', /percent-encoded/],
    ['redis://a/abc', /not a Redis URL/],
    ['redis://a/1/2', /not a Redis URL/],
    ['redis://a/123456', /no such database/],
    ['redis:///var/run/redis.sock', /not a Redis URL/],
    ['unix:///var/run/redis.sock', /not a Redis URL/],
    ['redis://a:70000', /port/],
    ['redis://a:0', /port/],
    ['redis://[::g]', /not host:port/],
    ['redis://a b', /not a Redis URL/],
    ['redis://:p/w@h', /percent-encode/],
    ['redis://:p@w@h', /percent-encode/],
    ['redis://ada@h', /a user needs a password/],
    ['redis://a?cluster=false', /cluster has no value/],
    ['redis://a?sentinel=m&sentinel=n', /sentinel is given twice/],
    ['redis://a?sentinel_password=p', /needs sentinel/],
    ['redis://a?ssl=true', /unknown option ssl/],
  ];

  for (const [url, problem] of WRONG) {
    it(`is refused as ${url}, with the reason`, () => {
      expect(() => parseRedisUrl(url)).to.throw(problem);
    });
  }

  it('never shows its password when it is refused', () => {
    for (const url of [
      'redis://:hunter2@a:1,b:2',
      'redis://:p?hunter2@a',
      'redis://:p?hunter2',
      'redis://:p/hunter2@a',
      'redis://:p@hunter2@a',
      'redis://:hunter2%zz@a',
    ]) {
      expect(() => parseRedisUrl(url), url).to.throw(/^((?!hunter2)[\s\S])*$/);
    }
  });
});
