import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { createAccount } from '../../state/account.js';
import { useApp, useChat } from '../../state/app.js';
import { Avatar } from '../controls/avatar.js';
import { FormProblem } from '../controls/form-problem.js';
import { IconButton } from '../controls/icon-button.js';
import { useFailure } from '../hooks/use-failure.js';
import { useKeptFocus } from '../hooks/use-kept-focus.js';
import { ChangePassword } from './change-password.js';
import { DeleteAccount } from './delete-account.js';
import { Devices } from './devices.js';
import { ImportChats } from './import-chats.js';
import { Keys } from './keys.js';
import { UsageBars } from './usage-bars.js';
import { Webhooks } from './webhooks.js';
import { YourData } from './your-data.js';

/** Everything about one's own account. The browser keeps focus inside and closes it on Esc. */
export const AccountDialog = ({ onClose }: { onClose(): void }) => {
  const { preferences, session } = useApp();
  const texts = preferences.texts.value;
  const { rest } = useChat().client;
  const account = useMemo(() => createAccount(rest), [rest]);
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);
  useKeptFocus(ref);
  const failure = useFailure();
  useEffect(() => {
    void account.load().catch(failure.set);
  }, [account]);
  const user = session.user.value;
  const close = () => ref.current?.close();
  return (
    <dialog ref={ref} class="dialog account" aria-labelledby={id} onClose={onClose} closedby="any">
      <div class="account-sheet">
        <header class="account-head">
          <h2 id={id}>{texts.account.title}</h2>
          <IconButton icon="close" label={texts.close} onClick={close} />
        </header>
        <div class="account-body">
          <div class="account-person">
            <Avatar name={user?.username ?? ''} />
            <div>
              <p class="account-name">{user?.username}</p>
              <p class="account-email">{user?.email}</p>
            </div>
          </div>
          <FormProblem text={failure.text} />
          <UsageBars account={account} />
          <Devices account={account} />
          <Keys account={account} />
          <Webhooks account={account} />
          <ChangePassword account={account} />
          <YourData />
          <ImportChats />
          <DeleteAccount />
        </div>
      </div>
    </dialog>
  );
};
