import { useApp } from '../state/app.js';

/** Opens the account, which shows what is left of a quota. */
export const ShowUsage = ({ look }: { look: 'plain-button' | 'link-button' }) => {
  const { preferences, account } = useApp();
  return (
    <button
      type="button"
      class={look}
      onClick={() => {
        account.value = true;
      }}
    >
      {preferences.texts.value.showUsage}
    </button>
  );
};
