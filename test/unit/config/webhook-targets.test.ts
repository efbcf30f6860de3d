import { expect } from 'chai';
import { isPublicAddress, problemOfTarget } from '../../../src/config/webhook-target.js';

const INSIDE = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.9.9.9',
  '169.254.169.254',
  '172.16.0.1',
  '192.168.1.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];
const OUTSIDE = ['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'];

describe('The address of a webhook', () => {
  it('lies on the internet only if it is no address of a network', () => {
    expect(INSIDE.filter(isPublicAddress)).to.deep.equal([]);
    expect(OUTSIDE.filter((address) => !isPublicAddress(address))).to.deep.equal([]);
  });

  it('is refused in every spelling that leads inside', () => {
    const hosts = [
      ...INSIDE.map((address) => (address.includes(':') ? `[${address}]` : address)),
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '0',
      '127.0.0.1.',
      '１２７.0.0.1',
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      'printer.local',
      'metadata.google.internal',
      'router.home.arpa',
      'intranet',
    ];
    const found = hosts.map((host) => [host, problemOfTarget(`https://${host}/x`, false)]);
    expect(found).to.deep.equal(hosts.map((host) => [host, 'host']));
  });

  it('is HTTPS, without user and password, on a port of its own', () => {
    const problems = {
      'https://example.com/x?y#z': null,
      'https://example.com:8443/': null,
      'https://8.8.8.8/': null,
      'https://[2606:4700::1111]/': null,
      'https://example.com:22/': 'port',
      'https://example.com:80/': 'port',
      'http://example.com/': 'scheme',
      'ftp://example.com/': 'scheme',
      'javascript:alert(1)': 'scheme',
      'https://u@example.com/': 'credentials',
      'https://:p@example.com/': 'credentials',
      'https://': 'form',
      nonsense: 'form',
    };
    for (const [url, problem] of Object.entries(problems))
      expect(problemOfTarget(url, false), url).to.equal(problem);
  });

  it('may be inside if an operator allows it, but has no user and password', () => {
    expect(problemOfTarget('http://127.0.0.1:80/', true)).to.equal(null);
    expect(problemOfTarget('http://hooks/', true)).to.equal(null);
    expect(problemOfTarget('http://u:p@hooks/', true)).to.equal('credentials');
    expect(problemOfTarget('ftp://hooks/', true)).to.equal('scheme');
  });
});
