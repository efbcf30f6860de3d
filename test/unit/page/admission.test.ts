import { signal } from '@preact/signals';
import { expect } from 'chai';
import { ParleyError, type Rest } from '../../../src/client/index.js';
import type { InvitationPreview, RegistrationInfo } from '../../../src/contract/invitations.js';
import { createAdmission } from '../../../src/web/state/admission.js';
import type { Router } from '../../../src/web/state/view/route.js';

const refused = new ParleyError({ code: 'forbidden', message: 'used', retryable: false });
const PREVIEW: InvitationPreview = { email: 'a@b.example', expires_at: '2026-01-01T00:00:00.000Z' };

/** The admission of an address whose invitation the test changes, with the server's reply to each token. */
function startAdmission(replies: Record<string, () => Promise<InvitationPreview>>) {
  const invitation = signal<string | null>(null);
  const rest = {
    registration: async (): Promise<RegistrationInfo> => ({ registration: 'invite' }),
    invitation: (token: string) => replies[token]?.() ?? Promise.reject(refused),
  };
  const admission = createAdmission(rest as Rest, { invitation } as unknown as Router);
  const go = (token: string | null) => {
    invitation.value = token;
    return admission.load();
  };
  return { admission, go };
}

describe('who may register, on the page', () => {
  it('is what the server says, with the invitation of the address', async () => {
    const { admission, go } = startAdmission({ good: async () => PREVIEW });
    await go('good');
    expect(admission.state.value).to.equal('invite');
    expect(admission.invited.value).to.deep.equal({ token: 'good', email: PREVIEW.email });
    await go('bad');
    expect([admission.invited.value, admission.refusal.value]).to.deep.equal([null, refused]);
    await go(null);
    expect([admission.invited.value, admission.refusal.value]).to.deep.equal([null, null]);
  });

  it('is not decided by an invitation that the address had before', async () => {
    const say = { good: (_: InvitationPreview) => {}, bad: (_: Error) => {} };
    const { admission, go } = startAdmission({
      good: () => new Promise((resolve) => Object.assign(say, { good: resolve })),
      bad: () => new Promise((_, reject) => Object.assign(say, { bad: reject })),
    });
    const all = [go('good'), go('bad'), go(null)];
    say.good(PREVIEW);
    say.bad(refused);
    await Promise.all(all);
    expect([admission.invited.value, admission.refusal.value]).to.deep.equal([null, null]);
  });
});
