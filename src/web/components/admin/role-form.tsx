import { useId } from 'preact/hooks';
import type { Role } from '../../../contract/admin.js';
import { LIMITS } from '../../../contract/limits.js';
import { PERMISSIONS, type Permission } from '../../../contract/permissions.js';
import { Field } from '../controls/field.js';
import { useAction } from '../hooks/use-action.js';
import { useAdmin } from './admin-context.js';
import { QuotaFields, quotaIn } from './quota-fields.js';

type Wanted = Pick<Role, 'name' | 'permissions' | 'tokens_per_day' | 'tokens_per_month'>;

interface Props {
  /** Null: a new one, which may chat at first. */
  of: Role | null;
  onSave(wanted: Wanted): Promise<void>;
  onCancel(): void;
}

const NEW: Wanted = {
  name: '',
  permissions: ['conversations:read', 'conversations:write', 'messages:send'],
  tokens_per_day: null,
  tokens_per_month: null,
};

export const RoleForm = ({ of: role, onSave, onCancel }: Props) => {
  const { texts } = useAdmin();
  const { rights } = texts;
  const { busy, run } = useAction();
  const given = role ?? NEW;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const data = new FormData(event.currentTarget);
    const chosen = new Set(data.getAll('permission'));
    const wanted = {
      name: role?.name ?? String(data.get('name') ?? '').trim(),
      permissions: PERMISSIONS.filter((permission) => chosen.has(permission)),
      ...quotaIn(data),
    };
    run(() => onSave(wanted));
  };
  return (
    <form class="admin-form admin-inset" onSubmit={submit}>
      {role === null && (
        <Field
          label={rights.name}
          name="name"
          hint={rights.nameHint}
          autoComplete="off"
          maxLength={LIMITS.roleNameChars}
          pattern="[a-z][a-z0-9_\-]*"
          autoFocus
        />
      )}
      <fieldset class="admin-permissions">
        <legend>{rights.mayTitle}</legend>
        {PERMISSIONS.map((permission) => (
          <PermissionBox
            key={permission}
            permission={permission}
            checked={given.permissions.includes(permission)}
          />
        ))}
      </fieldset>
      <QuotaFields quota={given} hint={rights.noLimitHint} />
      <div class="admin-buttons">
        <button type="button" class="plain-button" onClick={onCancel}>
          {rights.cancel}
        </button>
        <button type="submit" class="primary-button" aria-disabled={busy}>
          {role === null ? rights.create : texts.save}
        </button>
      </div>
    </form>
  );
};

const PermissionBox = ({ permission, checked }: { permission: Permission; checked: boolean }) => {
  const { rights } = useAdmin().texts;
  const id = useId();
  return (
    <label for={id}>
      <input
        id={id}
        type="checkbox"
        name="permission"
        value={permission}
        defaultChecked={checked}
      />
      <span>
        {rights.may[permission]}
        <code>{permission}</code>
      </span>
    </label>
  );
};
