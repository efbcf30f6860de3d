import type { User } from '../../../contract/accounts.js';
import { useAction } from '../hooks/use-action.js';
import { useAdmin } from './admin-context.js';

interface Props {
  id: string;
  user: User;
  onSave(roles: string[]): Promise<void>;
}

/** Shows and changes the roles of somebody. */
export const RolesForm = ({ id, user, onSave }: Props) => {
  const { admin, texts } = useAdmin();
  const { busy, run } = useAction();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const chosen = new FormData(event.currentTarget).getAll('role').map(String);
    // A role that was made after the list was read has no box here.
    const others = user.roles.filter((name) => !admin.roles.value.includes(name));
    run(() => onSave([...chosen, ...others]));
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
      <button type="submit" class="plain-button" aria-disabled={busy}>
        {texts.save}
      </button>
    </form>
  );
};
