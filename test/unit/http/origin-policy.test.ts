import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'chai';
import { addressKey, plainAddress } from '../../../src/domain/limits/address.js';
import { isAllowedOrigin, isBrowser, isOwnPoll } from '../../../src/http/origin-policy.js';
import { createProxyReader } from '../../../src/http/proxy.js';

const RULES = { corsOrigins: ['https://chat.example.org'] };

describe('origin policy', () => {
  it('allows the own host, whatever the scheme, case or default port', () => {
    expect(isAllowedOrigin('http://localhost:8000', 'localhost:8000', RULES)).to.equal(true);
    expect(isAllowedOrigin('https://parley.example', 'Parley.example', RULES)).to.equal(true);
    expect(isAllowedOrigin('https://parley.example', 'parley.example:443', RULES)).to.equal(true);
    expect(isAllowedOrigin('http://[::1]:8000', '[::1]:8000', RULES)).to.equal(true);
  });

  it('allows what was configured, letter for letter', () => {
    expect(isAllowedOrigin('https://chat.example.org', 'api.example.org', RULES)).to.equal(true);
    for (const near of ['http://chat.example.org', 'https://chat.example.org.evil.example']) {
      expect(isAllowedOrigin(near, 'api.example.org', RULES), near).to.equal(false);
    }
  });

  it('refuses every other origin, and none', () => {
    const others = ['http://localhost:3000', 'http://localhost', 'null', '', 'file://', undefined];
    for (const origin of others.concat('ftp://localhost:8000', 'localhost:8000')) {
      expect(isAllowedOrigin(origin, 'localhost:8000', RULES), String(origin)).to.equal(false);
    }
    expect(isAllowedOrigin('http://localhost', undefined, RULES)).to.equal(false);
  });

  it('knows the first poll of the own page, which names no origin', () => {
    expect(isOwnPoll({})).to.equal(true);
    expect(isOwnPoll({ 'sec-fetch-site': 'same-origin' })).to.equal(true);
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect(isOwnPoll({ 'sec-fetch-site': site }), site).to.equal(false);
    }
    expect(isOwnPoll({ origin: 'https://evil.example' })).to.equal(false);
    expect(isOwnPoll({ upgrade: 'websocket' })).to.equal(false);
  });

  it('tells browsers from other clients', () => {
    const rules = { bodyTokenOrigins: ['capacitor://localhost'] };
    const browser = (origin?: string, secFetchSite?: string) =>
      isBrowser({ origin, secFetchSite }, rules);
    expect(browser()).to.equal(false);
    expect(browser('https://evil.example')).to.equal(true);
    expect(browser(undefined, 'same-origin')).to.equal(true);
    expect(browser('capacitor://localhost', 'cross-site')).to.equal(false);
  });
});

describe('addresses', () => {
  it('count as a whole /64 in IPv6, however they are written', () => {
    for (const same of ['2001:db8::1', '2001:0db8:0:0::ff', '2001:db8:0:0:1:2:3:4']) {
      expect(addressKey(same), same).to.equal('2001:db8:0:0::/64');
    }
    expect(addressKey('2001:db8:0:1::1')).to.equal('2001:db8:0:1::/64');
    expect(addressKey('::1')).to.equal('0:0:0:0::/64');
  });

  it('count by themselves in IPv4', () => {
    expect(addressKey('192.0.2.1')).to.equal('192.0.2.1');
    expect(addressKey('')).to.equal('');
  });

  it('are none of a request whose connection has ended by now', () => {
    const request = new IncomingMessage(new Socket());
    request.headers['x-forwarded-for'] = 'garbage';
    for (const trusted of [false, true, 1, 'loopback']) {
      expect(createProxyReader(trusted).addressOf(request), String(trusted)).to.equal('');
    }
  });

  it('are the same with a port, in brackets, with a zone, and dressed as IPv6', () => {
    for (const same of [
      '192.0.2.1',
      '192.0.2.1:5000',
      '::ffff:192.0.2.1',
      '[::FFFF:192.0.2.1]:5',
    ]) {
      expect(plainAddress(same), same).to.equal('192.0.2.1');
    }
    for (const same of ['2001:db8::1', '[2001:db8::1]', '[2001:DB8::1]:99', '2001:db8::1%eth0']) {
      expect(plainAddress(same), same).to.equal('2001:db8::1');
    }
    for (const none of ['', 'garbage', '192.0.2', '192.0.2.1:port', '[192.0.2.1', 'unknown']) {
      expect(plainAddress(none), none).to.equal(null);
    }
  });
});
