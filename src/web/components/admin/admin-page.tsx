import { useEffect, useMemo, useRef } from 'preact/hooks';
import { adminEn } from '../../i18n/admin-en.js';
import { adminZh } from '../../i18n/admin-zh.js';
import { createAdmin, openAdminRest } from '../../state/admin.js';
import { useApp, useChat } from '../../state/app.js';
import { hrefOf } from '../../state/route.js';
import { IconButton } from '../icon-button.js';
import { AdminContext } from './admin-context.js';
import { Invitations } from './invitations.js';
import { ModelTest } from './model-test.js';
import { Nodes } from './nodes.js';
import { People } from './people.js';

/** What administrators see and do. A part that their roles do not allow says so. */
export const AdminPage = ({ onMenu }: { onMenu(): void }) => {
  const { preferences } = useApp();
  const { rest } = useChat().client;
  const language = preferences.language.value;
  // A call of the client renews the cookies, if they have expired.
  const admin = useMemo(
    () =>
      createAdmin(
        openAdminRest(
          () => preferences.language.value,
          async () => {
            await rest.me();
          },
        ),
      ),
    [rest],
  );
  const texts = language === 'en' ? adminEn : adminZh;
  const all = preferences.texts.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <AdminContext.Provider value={{ admin, texts }}>
      <header class="thread-header">
        <IconButton icon="menu" label={all.openMenu} class="only-narrow" onClick={onMenu} />
        <h1 class="thread-title" tabIndex={-1} ref={heading}>
          {all.registration.admin}
        </h1>
        <a class="plain-button admin-start" href={hrefOf(null)}>
          {texts.startChatting}
        </a>
      </header>
      <div class="scroll-frame">
        <div class="scroller">
          <div class="admin">
            <ModelTest />
            <Invitations />
            <People />
            <Nodes />
          </div>
        </div>
      </div>
    </AdminContext.Provider>
  );
};
