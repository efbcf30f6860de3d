import { type ReadonlySignal, signal } from '@preact/signals';
import { ParleyError } from '../../client/parley-error.js';
import type { Rest } from '../../client/rest/rest.js';
import type { RegistrationState } from '../../contract/invitations.js';
import { createLatest } from './latest.js';
import type { Router } from './view/route.js';

/** The invitation of the address. */
export interface Invited {
  token: string;
  /** The only address that may use it; null: any. */
  email: string | null;
}

/** Tells who may register here. */
export interface Admission {
  /** Null until the server has said it; also if it cannot be reached. */
  state: ReadonlySignal<RegistrationState | null>;
  /** Null without one that is open. */
  invited: ReadonlySignal<Invited | null>;
  /** The reason why the invitation of the address is not open. */
  refusal: ReadonlySignal<ParleyError | null>;
  load(): Promise<void>;
}

export function createAdmission(rest: Rest, router: Router): Admission {
  const state = createLatest(async () => (await rest.registration()).registration);
  const invited = signal<Invited | null>(null);
  const refusal = signal<ParleyError | null>(null);
  const readInvitation = async (token: string | null) => {
    invited.value = null;
    refusal.value = null;
    if (token === null) return;
    const isShown = () => router.invitation.value === token;
    try {
      const { email } = await rest.invitation(token);
      if (isShown()) invited.value = { token, email };
    } catch (error) {
      if (isShown() && error instanceof ParleyError) refusal.value = error;
    }
  };
  return {
    state: state.value,
    invited,
    refusal,
    load: async () => {
      await Promise.all([
        state.read().catch(() => undefined),
        readInvitation(router.invitation.value),
      ]);
    },
  };
}
