import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { User } from '../../../contract/accounts.js';
import type { AccountChange } from '../../../contract/admin.js';
import { useApp } from '../../state/app.js';
import { Avatar } from '../avatar.js';
import { ConfirmDialog } from '../dialog.js';
import { useAdmin } from './admin-context.js';

interface Props {
  user: User;
  /** Resolves to whether it was done. */
  onChange(change: AccountChange, said: string): Promise<boolean>;
}

export const PersonRow = ({ user, onChange }: Props) => {
  const { session } = useApp();
  const { admin, texts } = useAdmin();
  const asking = useSignal(false);
  const editing = useSignal(false);
  const { username, email, roles, is_active } = user;
  const isOwn = session.user.value?.id === user.id;
  const id = useId();
  return (
    <li class="admin-row">
      <Avatar name={username} />
      <div class="admin-who">
        <p class="admin-name">
          <bdi>{username}</bdi>
          {isOwn && <span class="device-badge">{texts.you}</span>}
          {!is_active && <span class="admin-badge">{texts.disabled}</span>}
        </p>
        <p class="admin-detail">
          <bdi>{email}</bdi>
          <span>{roles.join(', ')}</span>
        </p>
      </div>
      <div class="admin-actions">
        {admin.roles.value.length > 0 && (
          <button
            type="button"
            class="quiet-button"
            aria-label={texts.rolesOf(username)}
            aria-expanded={editing.value}
            aria-controls={editing.value ? id : undefined}
            onClick={() => {
              editing.value = !editing.value;
            }}
          >
            {texts.roles}
          </button>
        )}
        {!isOwn && (
          <button
            type="button"
            class="quiet-button"
            aria-label={is_active ? texts.disableOf(username) : texts.enableOf(username)}
            onClick={() => {
              if (is_active) asking.value = true;
              else void onChange({ is_active: true }, texts.isEnabled(username));
            }}
          >
            {is_active ? texts.disable : texts.enable}
          </button>
        )}
      </div>
      {editing.value && (
        <RolesForm
          id={id}
          user={user}
          onSave={async (next) => {
            if (await onChange({ roles: next }, texts.rolesChanged(username)))
              editing.value = false;
          }}
        />
      )}
      {asking.value && (
        <ConfirmDialog
          title={texts.disableTitle(username)}
          body={texts.disableBody}
          confirm={texts.disable}
          onConfirm={() => void onChange({ is_active: false }, texts.isDisabled(username))}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
};

interface RolesProps {
  id: string;
  user: User;
  onSave(roles: string[]): Promise<void>;
}

const RolesForm = ({ id, user, onSave }: RolesProps) => {
  const { admin, texts } = useAdmin();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const chosen = new FormData(event.currentTarget).getAll('role').map(String);
    // A role that was made after the list was read has no box here.
    const others = user.roles.filter((name) => !admin.roles.value.includes(name));
    void onSave([...chosen, ...others]);
  };
  return (
    <form class="admin-roles" id={id} onSubmit={submit}>
      <fieldset>
        <legend>{texts.rolesOf(user.username)}</legend>
        {admin.roles.value.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              name="role"
              value={name}
              defaultChecked={user.roles.includes(name)}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="plain-button">
        {texts.save}
      </button>
    </form>
  );
};
