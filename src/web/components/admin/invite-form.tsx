import { useRef } from 'preact/hooks';
import type { NewInvitation } from '../../../contract/invitations.js';
import { LIMITS } from '../../../contract/limits.js';
import type { AdminTexts } from '../../i18n/en/admin.js';
import { explained } from '../../state/view/explain.js';
import { Choice } from '../controls/choice.js';
import { Field } from '../controls/field.js';
import { FormProblem } from '../controls/form-problem.js';
import { useAdmin, useOutcome } from './admin-context.js';

const DAY_HOURS = 24;
const DAYS = [1, 7, 30];
const DEFAULT_DAYS = 7;

const TOO_MANY = explained((texts: AdminTexts) => texts.tooMany);

export const InviteForm = ({ onMade }: { onMade(invitation: NewInvitation): void }) => {
  const { admin, texts } = useAdmin();
  const { busy, error, act } = useOutcome();
  const form = useRef<HTMLFormElement>(null);
  const roles = admin.roles.value;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!form.current) return;
    const given = new FormData(form.current);
    const email = String(given.get('email') ?? '').trim();
    const role = String(given.get('role') ?? '');
    const hours = Number(given.get('days')) * DAY_HOURS;
    void act(async () => {
      const body = { ...(email !== '' && { email }), ...(role !== '' && { role }) };
      onMade(await admin.invite({ ...body, expires_in_hours: hours }).catch(TOO_MANY));
      const field = form.current?.elements.namedItem('email');
      if (field instanceof HTMLInputElement) field.value = '';
    });
  };

  return (
    <form class="admin-form" ref={form} onSubmit={submit}>
      <FormProblem text={error} />
      <Field
        label={texts.inviteEmail}
        name="email"
        type="email"
        hint={texts.inviteEmailHint}
        autoComplete="off"
        maxLength={LIMITS.emailChars}
        optional
      />
      <div class="admin-fields">
        {roles.length > 0 && (
          <Choice
            label={texts.role}
            name="role"
            value="user"
            choices={roles.map((name) => [name, name])}
          />
        )}
        <Choice
          label={texts.lasts}
          name="days"
          value={String(DEFAULT_DAYS)}
          choices={DAYS.map((days) => [String(days), texts.days(days)])}
        />
        <button type="submit" class="primary-button" disabled={busy.value}>
          {texts.invite}
        </button>
      </div>
    </form>
  );
};
