import { expect } from 'chai';
import { codes, readText, rows, section } from '../../support/markdown.js';

describe('docs/security.md', () => {
  let table: string[][];

  before(async () => {
    table = rows(section(await readText('docs/security.md'), '## ASVS'));
  });

  it('names a test for every requirement that is not open', () => {
    expect(table.length).to.be.greaterThan(50);
    for (const [requirement = '', here = '', proof = ''] of table) {
      const tests = codes(proof).filter((code) => code.startsWith('test/'));
      expect(tests.length > 0, requirement).to.equal(!here.startsWith('open: '));
    }
  });

  it('names only tests that exist, by words of their titles', async () => {
    for (const [requirement = '', , proof = ''] of table) {
      for (const [, path = '', title = ''] of proof.matchAll(/`(test\/[^`]+)`(?: "([^"]+)")?/g)) {
        expect(await readText(path), `${requirement}: ${path}`).to.include(title);
      }
    }
  });

  it('says of the factors that are missing that they are', () => {
    const open = table.filter(([, here = '']) => here.startsWith('open: '));
    expect(open.map(([requirement = '']) => requirement.split(' ')[0])).to.include.members([
      '6.3.3',
      '6.4.3',
    ]);
  });
});
