import { type Signal, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { AccountChange, ManagedUser } from '../../../contract/admin.js';
import type { AdminTexts } from '../../i18n/en/admin.js';
import { useApp } from '../../state/app.js';
import type { Said } from '../../state/view/explain.js';
import { Avatar } from '../controls/avatar.js';
import { ConfirmDialog } from '../controls/dialog.js';
import { keepFocus } from '../hooks/keep-focus.js';
import { useAdmin } from './admin-context.js';
import { QuotaForm } from './quota-form.js';
import { RolesForm } from './roles-form.js';

interface Props {
  user: ManagedUser;
  /** Resolves to whether it was done. */
  onChange(change: AccountChange, say: Said<AdminTexts>): Promise<boolean>;
}

/** The form that is open below a person. */
type Editing = 'roles' | 'quota' | null;

export const PersonRow = ({ user, onChange }: Props) => {
  const { texts } = useAdmin();
  const asking = useSignal(false);
  const editing = useSignal<Editing>(null);
  const id = useId();
  const { username } = user;
  const save = async (change: AccountChange, say: Said<AdminTexts>) => {
    const form = editing.value;
    if (!(await onChange(change, say))) return;
    editing.value = null;
    keepFocus(() => document.getElementById(`${id}-${form}`));
  };
  return (
    <li class="admin-row">
      <Avatar name={username} />
      <Who user={user} />
      <Actions
        {...{ user, id, editing }}
        onDisable={() => {
          asking.value = true;
        }}
        onEnable={() => void onChange({ is_active: true }, (texts) => texts.isEnabled(username))}
      />
      {editing.value === 'roles' && (
        <RolesForm
          {...{ id, user }}
          onSave={(roles) => save({ roles }, (texts) => texts.rolesChanged(username))}
        />
      )}
      {editing.value === 'quota' && (
        <QuotaForm
          {...{ id, user }}
          onSave={(quota) => save(quota, (texts) => texts.rights.quotaChanged(username))}
        />
      )}
      {asking.value && (
        <ConfirmDialog
          title={texts.disableTitle(username)}
          body={texts.disableBody}
          confirm={texts.disable}
          onConfirm={() =>
            void onChange({ is_active: false }, (texts) => texts.isDisabled(username))
          }
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
};

const Who = ({ user }: { user: ManagedUser }) => {
  const { session } = useApp();
  const { texts } = useAdmin();
  const { username, email, roles, is_active, tokens_per_day, tokens_per_month } = user;
  const hasQuota = tokens_per_day !== null || tokens_per_month !== null;
  return (
    <div class="admin-who">
      <p class="admin-name">
        <bdi>{username}</bdi>
        {session.user.value?.id === user.id && <span class="device-badge">{texts.you}</span>}
        {!is_active && <span class="admin-badge">{texts.disabled}</span>}
      </p>
      <p class="admin-detail">
        <bdi>{email}</bdi>
        <span>{roles.join(', ')}</span>
        {hasQuota && <span>{texts.rights.ownQuota}</span>}
      </p>
    </div>
  );
};

interface ActionsProps {
  user: ManagedUser;
  /** Id of the form. */
  id: string;
  editing: Signal<Editing>;
  onDisable(): void;
  onEnable(): void;
}

const Actions = ({ user, id, editing, onDisable, onEnable }: ActionsProps) => {
  const { session } = useApp();
  const { admin, texts } = useAdmin();
  const { username, is_active } = user;
  const opener = (form: Exclude<Editing, null>, label: string, name: string) => (
    <button
      type="button"
      class="quiet-button"
      id={`${id}-${form}`}
      aria-label={name}
      aria-expanded={editing.value === form}
      aria-controls={editing.value === form ? id : undefined}
      onClick={() => {
        editing.value = editing.value === form ? null : form;
      }}
    >
      {label}
    </button>
  );
  return (
    <div class="admin-actions">
      {admin.roles.value.length > 0 && opener('roles', texts.roles, texts.rolesOf(username))}
      {opener('quota', texts.rights.quota, texts.rights.quotaOf(username))}
      {session.user.value?.id !== user.id && (
        <button
          type="button"
          class="quiet-button"
          aria-label={is_active ? texts.disableOf(username) : texts.enableOf(username)}
          onClick={is_active ? onDisable : onEnable}
        >
          {is_active ? texts.disable : texts.enable}
        </button>
      )}
    </div>
  );
};
