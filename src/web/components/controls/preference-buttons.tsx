import { useApp } from '../../state/app.js';
import { IconButton } from './icon-button.js';

export const PreferenceButtons = () => {
  const { preferences } = useApp();
  const { texts, theme, language, toggleLanguage, toggleTheme } = preferences;
  const dark = theme.value === 'dark';
  return (
    <div class="preferences">
      <IconButton
        icon={dark ? 'sun' : 'moon'}
        label={dark ? texts.value.themeToLight : texts.value.themeToDark}
        onClick={toggleTheme}
      />
      <button
        type="button"
        class="quiet-button"
        aria-label={texts.value.switchLanguage}
        title={texts.value.switchLanguage}
        lang={language.value === 'en' ? 'zh-CN' : 'en'}
        onClick={toggleLanguage}
      >
        {texts.value.otherLanguage}
      </button>
    </div>
  );
};
