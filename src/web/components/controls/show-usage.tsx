import { useApp } from '../../state/app.js';

/** Opens the account, which shows what is left of a quota. */
export const ShowUsage = ({ look }: { look: 'plain-button' | 'link-button' }) => {
  const { preferences, screen } = useApp();
  return (
    <button
      type="button"
      class={look}
      onClick={() => {
        screen.show('account');
      }}
    >
      {preferences.texts.value.showUsage}
    </button>
  );
};
