import { useApp } from '../../state/app.js';
import { AccountSection } from './account-section.js';

/** The browser keeps the file; the page does not read it. */
export const YourData = () => {
  const texts = useApp().preferences.texts.value.account;
  return (
    <AccountSection
      title={texts.data}
      hint={texts.dataHint}
      action={
        <a class="plain-button" href="/users/me/export" download>
          {texts.download}
        </a>
      }
    />
  );
};
