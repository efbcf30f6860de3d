import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from '../state/app.js';
import { BrokenPart } from './broken-part.js';

interface Props {
  onMenu(): void;
}

/** Loads the page of administrators when somebody opens it. */
export const AdminPlace = ({ onMenu }: Props) => {
  const { preferences, loadPart } = useApp();
  const texts = preferences.texts.value;
  const page = useSignal<{ Page: ComponentType<Props> } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    loadPart(() => import('./admin/admin-page.js')).then(
      ({ AdminPage }) => {
        page.value = { Page: AdminPage };
      },
      () => {
        failed.value = true;
      },
    );
  }, []);
  if (failed.value) return <BrokenPart />;
  if (page.value === null) return <p class="admin-loading">{texts.working}</p>;
  const { Page } = page.value;
  return <Page onMenu={onMenu} />;
};
