import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Invitation, NewInvitation } from '../../../contract/invitations.js';
import { useApp } from '../../state/app.js';
import { Outcome } from '../account/outcome.js';
import { FormProblem } from '../controls/form-problem.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';
import { InviteForm } from './invite-form.js';
import { NewLink } from './new-link.js';

export const Invitations = () => {
  const { admission } = useApp();
  const { admin, texts } = useAdmin();
  const { invitations } = admin;
  const { busy, done, error, act } = useOutcome();
  const made = useSignal<NewInvitation | null>(null);
  useEffect(() => {
    void act(() => Promise.all([invitations.load(), admin.loadRoles(), admission.load()]));
  }, [admin]);
  const entries = invitations.entries.value;
  const isClosed = admission.state.value === 'closed';
  return (
    <AdminSection title={texts.invitations} hint={texts.invitationsHint}>
      {isClosed && <p class="admin-warning">{texts.closedHint}</p>}
      <FormProblem text={error} />
      {entries !== null && (
        <InviteForm
          onMade={(invitation) => {
            made.value = invitation;
          }}
        />
      )}
      {made.value !== null && <NewLink invitation={made.value} key={made.value.id} />}
      <Outcome text={done} />
      {entries !== null && (
        <ul class="admin-list">
          {entries.length === 0 && <li class="admin-none">{texts.noInvitations}</li>}
          {entries.map((invitation) => (
            <Row
              key={invitation.id}
              invitation={invitation}
              disabled={busy.value}
              onRevoke={() =>
                void act(
                  async () => {
                    await admin.revoke(invitation.id);
                    if (made.value?.id === invitation.id) made.value = null;
                  },
                  (texts) => texts.revoked,
                )
              }
            />
          ))}
        </ul>
      )}
      {invitations.hasMore.value && (
        <button type="button" class="quiet-button" onClick={() => void act(invitations.more)}>
          {texts.more}
        </button>
      )}
    </AdminSection>
  );
};

interface RowProps {
  invitation: Invitation;
  disabled: boolean;
  onRevoke(): void;
}

const Row = ({ invitation, disabled, onRevoke }: RowProps) => {
  const { preferences } = useApp();
  const { texts } = useAdmin();
  const { status, email, role, used_by, expires_at } = invitation;
  const date = new Intl.DateTimeFormat(preferences.language.value, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const whom =
    status === 'used'
      ? texts.usedBy(used_by?.username ?? texts.goneUser)
      : (email ?? texts.anybody);
  return (
    <li class="admin-row">
      <div class="admin-who">
        <p class="admin-name">
          <bdi>{whom}</bdi>
        </p>
        <p class="admin-detail">
          <span>{texts.status[status]}</span>
          <span>{role}</span>
          {status === 'open' && <span>{texts.expires(date.format(Date.parse(expires_at)))}</span>}
        </p>
      </div>
      {status !== 'used' && (
        <button
          type="button"
          class="quiet-button"
          aria-label={texts.revokeOf(whom)}
          disabled={disabled}
          onClick={onRevoke}
        >
          {texts.revoke}
        </button>
      )}
    </li>
  );
};
