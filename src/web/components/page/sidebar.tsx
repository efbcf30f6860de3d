import { useApp } from '../../state/app.js';
import { ADMIN_HREF, hrefOf } from '../../state/view/route.js';
import type { DialogName } from '../../state/view/screen.js';
import { Avatar } from '../controls/avatar.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon, Logo } from '../controls/icons.js';
import { Conversations } from '../list/conversations.js';
import { SearchBox } from '../search/search-box.js';

export const Sidebar = ({ hidden }: { hidden: boolean }) => {
  const { preferences, router, screen } = useApp();
  const texts = preferences.texts.value;
  const { drawer } = screen;
  /** A link in the drawer takes the drawer's place in the history. */
  const follow = (event: MouseEvent) => {
    const link = event.target instanceof Element && event.target.closest('a[href^="#/"]');
    if (!link || !drawer.isOpen.value || !isPlain(event)) return;
    event.preventDefault();
    router.follow(link.getAttribute('href') ?? '');
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link that is followed by key is clicked, too
    <nav class="sidebar" aria-label={texts.conversations} inert={hidden} onClick={follow}>
      <div class="sidebar-top">
        <div class="brand">
          <Logo />
          <span>Parley</span>
        </div>
        <IconButton
          icon="close"
          label={texts.closeMenu}
          class="only-narrow"
          onClick={drawer.close}
        />
      </div>
      <a class="new-chat" href={hrefOf(null)}>
        <Icon name="plus" />
        {texts.newChat}
      </a>
      <SearchBox />
      <Conversations />
      <AdminLink />
      <SidebarFoot />
    </nav>
  );
};

/** People with another role than everybody see it. The server decides what they may do there. */
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

const SidebarFoot = () => {
  const { preferences, session, screen, report, logOut } = useApp();
  const texts = preferences.texts.value;
  const name = session.user.value?.username ?? '';
  const show = (dialog: DialogName) => () => {
    screen.show(dialog);
  };
  return (
    <div class="sidebar-foot">
      <button
        type="button"
        class="account-button"
        aria-haspopup="dialog"
        aria-label={`${name}, ${texts.account.title}`}
        title={texts.account.title}
        onClick={show('account')}
      >
        <Avatar name={name} />
        <span class="user-name">{name}</span>
      </button>
      <IconButton icon="gear" label={texts.settings.title} onClick={show('settings')} />
      <IconButton icon="exit" label={texts.logOut} onClick={() => void logOut().catch(report)} />
    </div>
  );
};

/** True if the click is not meant to open another tab. */
const isPlain = ({ button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean =>
  button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey;
