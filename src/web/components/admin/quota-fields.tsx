import { useId } from 'preact/hooks';
import type { RoleQuota } from '../../../contract/admin.js';
import { LIMITS } from '../../../contract/limits.js';
import { useAdmin } from './admin-context.js';

/** Two numbers; an empty one is no limit, or none of the user's own. */
export const QuotaFields = ({ quota, hint }: { quota: RoleQuota; hint: string }) => {
  const { rights } = useAdmin().texts;
  const id = useId();
  return (
    <fieldset class="admin-quota" aria-describedby={id}>
      <legend>{rights.quota}</legend>
      <NumberField label={rights.perDay} name="tokens_per_day" value={quota.tokens_per_day} />
      <NumberField label={rights.perMonth} name="tokens_per_month" value={quota.tokens_per_month} />
      <p class="field-hint" id={id}>
        {hint}
      </p>
    </fieldset>
  );
};

interface NumberProps {
  label: string;
  name: keyof RoleQuota;
  value: number | null;
}

const NumberField = ({ label, name, value }: NumberProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <input
          id={id}
          type="number"
          name={name}
          min={0}
          max={LIMITS.id}
          step={1}
          inputMode="numeric"
          autoComplete="off"
          defaultValue={value === null ? '' : String(value)}
        />
      </div>
    </div>
  );
};

const numberIn = (given: FormDataEntryValue | null): number | null =>
  given === null || given === '' ? null : Number(given);

/** The values in the fields of a form. */
export const quotaIn = (given: FormData): RoleQuota => ({
  tokens_per_day: numberIn(given.get('tokens_per_day')),
  tokens_per_month: numberIn(given.get('tokens_per_month')),
});
