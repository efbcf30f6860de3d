import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import type { Role } from '../../../contract/admin.js';
import { PERMISSIONS } from '../../../contract/permissions.js';
import type { AdminTexts } from '../../i18n/en/admin.js';
import { grouped } from '../../i18n/formats.js';
import { useApp } from '../../state/app.js';
import { explained, type Said } from '../../state/view/explain.js';
import { Outcome } from '../account/outcome.js';
import { ConfirmDialog } from '../controls/dialog.js';
import { FormProblem } from '../controls/form-problem.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';
import { RoleForm } from './role-form.js';

const CONFLICT = explained(({ rights }: AdminTexts) => rights.conflict);

/** The permissions and limits of roles. */
export const Roles = () => {
  const { admin, texts } = useAdmin();
  const { done, error, act } = useOutcome();
  const making = useSignal(false);
  const id = useId();
  const close = () => {
    making.value = false;
    keepFocus(() => document.getElementById(id));
  };
  useEffect(() => void act(admin.loadRoleList), [admin]);
  const roles = admin.roleList.value;
  const { rights } = texts;
  return (
    <AdminSection title={rights.title} hint={rights.hint}>
      <FormProblem text={error} />
      <Outcome text={done} />
      {roles !== null && (
        <ul class="admin-list">
          {roles.map((role) => (
            <RoleRow key={role.name} role={role} onAct={act} />
          ))}
        </ul>
      )}
      {roles !== null && !making.value && (
        <button
          type="button"
          class="plain-button admin-add"
          id={id}
          onClick={() => {
            making.value = true;
          }}
        >
          {rights.newRole}
        </button>
      )}
      {making.value && (
        <RoleForm
          of={null}
          onSave={async ({ name, ...rest }) => {
            const create = () => admin.createRole({ name, ...rest }).catch(CONFLICT);
            if (await act(create, (texts) => texts.rights.created(name))) close();
          }}
          onCancel={close}
        />
      )}
    </AdminSection>
  );
};

interface RowProps {
  role: Role;
  onAct(work: () => Promise<unknown>, say: Said<AdminTexts>): Promise<boolean>;
}

const RoleRow = ({ role, onAct }: RowProps) => {
  const { admin, texts } = useAdmin();
  const editing = useSignal(false);
  const id = useId();
  const close = () => {
    editing.value = false;
    keepFocus(() => document.getElementById(id));
  };
  const asking = useSignal(false);
  const { rights } = texts;
  const { name, built_in } = role;
  const isAdmin = built_in && name === 'admin';
  return (
    <li class="admin-row">
      <div class="admin-who">
        <p class="admin-name">
          <bdi>{name}</bdi>
          {built_in && <span class="device-badge">{rights.builtIn}</span>}
        </p>
        <RoleFacts role={role} isAdmin={isAdmin} />
      </div>
      <div class="admin-actions">
        {!isAdmin && (
          <button
            type="button"
            class="quiet-button"
            id={id}
            aria-label={rights.editOf(name)}
            aria-expanded={editing.value}
            onClick={() => {
              editing.value = !editing.value;
            }}
          >
            {rights.edit}
          </button>
        )}
        {!built_in && (
          <button
            type="button"
            class="quiet-button"
            aria-label={rights.removeOf(name)}
            onClick={() => {
              asking.value = true;
            }}
          >
            {rights.remove}
          </button>
        )}
      </div>
      {editing.value && (
        <RoleForm
          of={role}
          onSave={async ({ name: _, ...change }) => {
            const save = () => admin.changeRole(name, change);
            if (await onAct(save, (texts) => texts.rights.changed(name))) close();
          }}
          onCancel={close}
        />
      )}
      {asking.value && (
        <ConfirmDialog
          title={rights.removeTitle(name)}
          body={rights.removeBody}
          confirm={rights.remove}
          onConfirm={() =>
            void onAct(
              () => admin.deleteRole(name),
              (texts) => texts.rights.removed(name),
            )
          }
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
};

const RoleFacts = ({ role, isAdmin }: { role: Role; isAdmin: boolean }) => {
  const { preferences } = useApp();
  const { rights } = useAdmin().texts;
  const shown = (count: number) => grouped(count, preferences.language.value);
  const { permissions, tokens_per_day: day, tokens_per_month: month } = role;
  const known = permissions.filter((permission) => PERMISSIONS.includes(permission));
  return (
    <p class="admin-detail">
      <span>{isAdmin ? rights.everything : rights.permissions(known.length)}</span>
      {day !== null && <span>{rights.dayLimit(shown(day))}</span>}
      {month !== null && <span>{rights.monthLimit(shown(month))}</span>}
      {day === null && month === null && <span>{rights.noLimit}</span>}
    </p>
  );
};
