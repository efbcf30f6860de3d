import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { loadStyles } from '../../markdown/load-styles.js';
import { useApp } from '../../state/app.js';
import { BrokenPart } from '../controls/broken-part.js';

interface Props {
  onMenu(): void;
}

const loadPage = async () => {
  const [page] = await Promise.all([import('../admin/admin-page.js'), loadStyles('adminStyles')]);
  return page;
};

/** Loads the page of administrators when somebody opens it. */
export const AdminPlace = ({ onMenu }: Props) => {
  const { preferences, loadPart } = useApp();
  const texts = preferences.texts.value;
  const page = useSignal<{ Page: ComponentType<Props> } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    loadPart(loadPage).then(
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
