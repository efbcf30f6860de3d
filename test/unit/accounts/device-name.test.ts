import { expect } from 'chai';
import { cpuMs } from '../../../lab/cpu-ms.js';
import { deviceName } from '../../../src/domain/sessions/device-name.js';

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64';
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15';
const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Pixel 8)';

const NAMES: Record<string, string> = {
  [`${WINDOWS}; rv:128.0) Gecko/20100101 Firefox/128.0`]: 'Firefox on Windows',
  [`${ANDROID} ${WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36`]: 'Chrome on Android',
  [`${WINDOWS}) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`]: 'Edge on Windows',
  [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15`]:
    'Safari on macOS',
  [`${IPHONE} (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1`]: 'Safari on iPhone',
  [`${IPHONE} (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1`]: 'Chrome on iPhone',
  [`${ANDROID} ${WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`]:
    'Samsung Internet on Android',
  [`${ANDROID} ${WEBKIT} Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.49`]:
    'WeChat on Android',
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/126.0.0.0 Safari/537.36`]:
    'Chrome on ChromeOS',
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/126.0.0.0 Safari/537.36`]:
    'Chrome on Linux',
  'ParleyApp/2.1 (iPhone; iOS 17.5)': 'ParleyApp on iPhone',
  'curl/8.5.0': 'curl',
  'okhttp/4.12.0': 'okhttp',
  node: 'node',
  [MAC]: 'macOS',
  'Mozilla/5.0': 'Unknown device',
  '': 'Unknown device',
  '<script>alert(1)</script>': 'Unknown device',
};

describe('The name of a device', () => {
  for (const [userAgent, name] of Object.entries(NAMES)) {
    it(`is ${name} for “${userAgent}”`, () => {
      expect(deviceName(userAgent)).to.equal(name);
    });
  }

  it('stays short and quick to find, whatever it is told', () => {
    for (const text of ['x'.repeat(512), `Version/${'1'.repeat(500)}`, 'Version/1 '.repeat(50)]) {
      // An expression that backtracks takes hours.
      const ms = cpuMs(() => expect(deviceName(text)).to.have.length.below(60));
      expect(ms).to.be.below(5_000);
    }
  });
});
