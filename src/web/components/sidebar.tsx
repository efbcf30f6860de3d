import { useApp } from '../state/app.js';
import { ADMIN_HREF, hrefOf } from '../state/route.js';
import { Avatar } from './avatar.js';
import { Conversations } from './conversations.js';
import { IconButton } from './icon-button.js';
import { Icon, Logo } from './icons.js';
import { PreferenceButtons } from './preference-buttons.js';
import { SearchBox } from './search-box.js';

interface Props {
  hidden: boolean;
  onClose(): void;
  onAccount(): void;
}

export const Sidebar = ({ hidden, onClose, onAccount }: Props) => {
  const texts = useApp().preferences.texts.value;
  return (
    <nav class="sidebar" aria-label={texts.conversations} inert={hidden}>
      <div class="sidebar-top">
        <div class="brand">
          <Logo />
          <span>Parley</span>
        </div>
        <IconButton icon="close" label={texts.closeMenu} class="only-narrow" onClick={onClose} />
      </div>
      <a class="new-chat" href={hrefOf(null)} onClick={onClose}>
        <Icon name="plus" />
        {texts.newChat}
      </a>
      <SearchBox />
      <Conversations />
      <AdminLink />
      <SidebarFoot onAccount={onAccount} />
    </nav>
  );
};

/** For whoever has another role than everybody. The server decides what they may do there. */
const AdminLink = () => {
  const { preferences, router, session } = useApp();
  if (!session.user.value?.roles.some((name) => name !== 'user')) return null;
  const here = router.isAdmin.value;
  return (
    <a class="admin-link" href={ADMIN_HREF} aria-current={here ? 'page' : undefined}>
      <Icon name="sliders" />
      {preferences.texts.value.registration.admin}
    </a>
  );
};

const SidebarFoot = ({ onAccount }: Pick<Props, 'onAccount'>) => {
  const { preferences, session, report, logOut } = useApp();
  const texts = preferences.texts.value;
  const name = session.user.value?.username ?? '';
  return (
    <div class="sidebar-foot">
      <button
        type="button"
        class="account-button"
        aria-haspopup="dialog"
        aria-label={`${name}, ${texts.account.title}`}
        title={texts.account.title}
        onClick={onAccount}
      >
        <Avatar name={name} />
        <span class="user-name">{name}</span>
      </button>
      <PreferenceButtons />
      <IconButton icon="exit" label={texts.logOut} onClick={() => void logOut().catch(report)} />
    </div>
  );
};
