import { expect } from 'chai';
import { ERRORS, type ErrorCode } from '../../../src/contract/errors.js';
import { describeError, pickLanguage, titleError } from '../../../src/entities/error-messages.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('languages', () => {
  it('are picked by quality, not by order', () => {
    expect(pickLanguage('en;q=0.3, zh-CN;q=0.8')).to.equal('zh');
    expect(pickLanguage('zh;q=0.3,en-GB')).to.equal('en');
    expect(pickLanguage('fr, de;q=0.9, zh-Hans-CN;q=0.1')).to.equal('zh');
  });

  it('fall back to English', () => {
    for (const header of [undefined, '', 'fr', '*', 'zh;q=0', 'zh;q=x', ';;,,', 'zhx']) {
      expect(pickLanguage(header), String(header)).to.equal('en');
    }
  });

  it('take the first of equals', () => {
    expect(pickLanguage('zh-TW, en')).to.equal('zh');
    expect(pickLanguage('en, zh')).to.equal('en');
  });
});

describe('error texts', () => {
  it('exist for every code in both languages', () => {
    for (const code of CODES) {
      for (const text of [describeError(code, 'zh'), titleError(code, 'zh')]) {
        expect(text, code).to.match(/[\u4e00-\u9fff]/);
      }
      for (const text of [describeError(code, 'en'), titleError(code, 'en')]) {
        expect(text, code).to.match(/^[A-Z][\x20-\x7e]+$/);
      }
    }
  });
});
