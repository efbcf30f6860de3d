import type { ComponentType } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { adminEn } from '../../i18n/en/admin.js';
import { adminZh } from '../../i18n/zh/admin.js';
import { createAdmin } from '../../state/admin/admin.js';
import { useApp, useChat } from '../../state/app.js';
import { hrefOf } from '../../state/view/route.js';
import { IconButton } from '../controls/icon-button.js';
import { useKeptFocus } from '../hooks/use-kept-focus.js';
import { AdminContext } from './admin-context.js';
import { AdminNav, type AdminPart, partOf } from './admin-nav.js';
import { Audit } from './audit.js';
import { Invitations } from './invitations.js';
import { ModelTest } from './model-test.js';
import { Nodes } from './nodes.js';
import { openAdminRest } from './open-admin-rest.js';
import { People } from './people.js';
import { Roles } from './roles.js';
import { Settings } from './settings.js';
import { Usage } from './usage.js';

const Overview = () => (
  <>
    <ModelTest />
    <Nodes />
  </>
);

const PeopleAndInvitations = () => (
  <>
    <Invitations />
    <People />
  </>
);

const PARTS: Record<AdminPart, ComponentType> = {
  overview: Overview,
  people: PeopleAndInvitations,
  roles: Roles,
  usage: Usage,
  audit: Audit,
  settings: Settings,
};

/** The page of administrators. A part that their roles do not allow says so. */
export const AdminPage = ({ onMenu }: { onMenu(): void }) => {
  const { preferences, router } = useApp();
  const { rest } = useChat().client;
  const language = preferences.language.value;
  const admin = useMemo(
    () => createAdmin(openAdminRest(() => preferences.language.value, rest)),
    [rest],
  );
  const texts = language === 'en' ? adminEn : adminZh;
  const all = preferences.texts.value;
  const part = partOf(router.adminPart.value);
  const Part = PARTS[part];
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  useKeptFocus(body);
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
      <AdminNav current={part} />
      <div class="scroll-frame" ref={body}>
        <div class="scroller" key={part}>
          <div class="admin">
            <Part />
          </div>
        </div>
      </div>
    </AdminContext.Provider>
  );
};
