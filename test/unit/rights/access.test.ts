import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Conversation, MemberRole } from '../../../src/contract/rest.js';
import { requireAccess, requireRole } from '../../../src/domain/rights/access.js';

/** The result for each role of the asking user and each needed role. */
const EXPECTED: [role: MemberRole | null, answers: Record<MemberRole, string>][] = [
  [null, { viewer: 'not_found', editor: 'not_found', owner: 'not_found' }],
  ['viewer', { viewer: 'may', editor: 'forbidden', owner: 'forbidden' }],
  ['editor', { viewer: 'may', editor: 'may', owner: 'forbidden' }],
  ['owner', { viewer: 'may', editor: 'may', owner: 'may' }],
];
const ROLES: MemberRole[] = ['viewer', 'editor', 'owner'];

const judged = (check: () => void): string => {
  try {
    check();
    return 'may';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('Access to a conversation', () => {
  for (const [role, answers] of EXPECTED) {
    it(`is judged for ${role ?? 'a stranger'} by what is needed`, () => {
      const conversation = role && ({ my_role: role } as Conversation);
      const found = (check: (needed: MemberRole) => void) =>
        Object.fromEntries(ROLES.map((needed) => [needed, judged(() => check(needed))]));
      expect(found((needed) => requireRole(role, needed))).to.deep.equal(answers);
      expect(found((needed) => requireAccess(conversation, needed))).to.deep.equal(answers);
    });
  }

  it('is decided nowhere else', async () => {
    const layers = ['domain', 'gateway', 'http'];
    const files = (await readdir('src', { recursive: true })).filter(
      (file) => file.endsWith('.ts') && layers.some((layer) => file.startsWith(`${layer}/`)),
    );
    const compares = /[!=]==? ?'(owner|editor|viewer)'|'(owner|editor|viewer)' ?[!=]==?/;
    const texts = files.map(async (file) => [file, await readFile(`src/${file}`, 'utf8')] as const);
    const found = (await Promise.all(texts)).filter(([, text]) => compares.test(text));
    expect(found.map(([file]) => file)).to.deep.equal([]);
  });
});
