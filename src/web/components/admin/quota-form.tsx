import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ManagedUser, UserQuota } from '../../../contract/admin.js';
import type { OwnUsagePeriod, UsageReport } from '../../../contract/usage.js';
import { UsageBar } from '../account/usage-bars.js';
import { FormProblem } from '../controls/form-problem.js';
import { useAction } from '../hooks/use-action.js';
import { useFailure } from '../hooks/use-failure.js';
import { useAdmin, useExplained } from './admin-context.js';
import { QuotaFields, quotaIn } from './quota-fields.js';

interface Props {
  id: string;
  user: ManagedUser;
  onSave(quota: UserQuota): Promise<void>;
}

/** The usage of a person, and the limits that replace those of their roles. */
export const QuotaForm = ({ id, user, onSave }: Props) => {
  const { admin, texts } = useAdmin();
  const { rights } = texts;
  const usage = useSignal<UsageReport | null>(null);
  const { busy, run } = useAction();
  const unread = useFailure(useExplained());
  useEffect(() => {
    admin.usageOf(user.id).then((report) => {
      usage.value = report;
    }, unread.set);
  }, [admin, user]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const quota = quotaIn(new FormData(event.currentTarget));
    run(() => onSave(quota));
  };
  return (
    <form
      class="admin-form admin-inset"
      id={id}
      aria-label={rights.quotaOf(user.username)}
      onSubmit={submit}
    >
      <FormProblem text={unread.text} />
      {usage.value !== null && <Bars {...usage.value} />}
      <QuotaFields quota={user} hint={rights.quotaHint} />
      <div class="admin-buttons">
        <button type="submit" class="plain-button" aria-disabled={busy}>
          {texts.save}
        </button>
      </div>
    </form>
  );
};

const Bars = ({ day, month }: { day: OwnUsagePeriod; month: OwnUsagePeriod }) => {
  const { rights } = useAdmin().texts;
  return (
    <div class="usage">
      <UsageBar label={rights.usedToday} period={day} />
      <UsageBar label={rights.usedInMonth} period={month} />
    </div>
  );
};
