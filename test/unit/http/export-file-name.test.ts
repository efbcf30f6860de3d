import { expect } from 'chai';
import { exportFileName } from '../../../src/http/exports/export-file-name.js';

describe('The file name of an exported conversation', () => {
  const nameOf = (title: string) => exportFileName({ id: 12, title }, 'md');

  it('begins with the product and the id, and keeps the words of the title', () => {
    expect(nameOf('Trip to Wien')).to.equal('parley-12-Trip-to-Wien.md');
    expect(nameOf('去北京的行程')).to.equal('parley-12-去北京的行程.md');
    expect(nameOf('')).to.equal('parley-12.md');
  });

  it('has no separators, no dots of its own, and nothing that is invisible or turns the direction', () => {
    expect(nameOf('../../etc/passwd')).to.equal('parley-12-etc-passwd.md');
    expect(nameOf('C:\\nul|"<a>*?')).to.equal('parley-12-C-nul-a.md');
    expect(nameOf('a\u202Egpj.exe\u200B\r\nX: 1\u0000')).to.equal('parley-12-a-gpj-exe-X-1.md');
    expect(nameOf('...')).to.equal('parley-12.md');
  });

  it('is short, and never ends in half a character', () => {
    expect(nameOf('😀'.repeat(100))).to.equal(`parley-12-${'😀'.repeat(60)}.md`);
  });
});
