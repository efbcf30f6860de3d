import { useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../../state/app.js';
import { ADMIN_HREF, adminHref } from '../../state/view/route.js';
import { useAdmin } from './admin-context.js';

const ADMIN_PARTS = ['overview', 'people', 'roles', 'usage', 'audit', 'settings'] as const;
export type AdminPart = (typeof ADMIN_PARTS)[number];

/** The first part has the shorter address; so has one that does not exist. */
export const partOf = (text: string | null): AdminPart =>
  ADMIN_PARTS.find((part) => part === text) ?? 'overview';

const hrefOf = (part: AdminPart): string => (part === 'overview' ? ADMIN_HREF : adminHref(part));

/** Links to the parts of the page. On a phone they scroll sideways, and the current one comes into sight. */
export const AdminNav = ({ current }: { current: AdminPart }) => {
  const { preferences } = useApp();
  const { texts } = useAdmin();
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const link = list.current?.querySelector<HTMLElement>('[aria-current]');
    link?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <nav class="admin-nav" aria-label={preferences.texts.value.registration.admin}>
      <ul ref={list}>
        {ADMIN_PARTS.map((part) => (
          <li key={part}>
            <a href={hrefOf(part)} aria-current={part === current ? 'page' : undefined}>
              {texts.sections[part]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};
