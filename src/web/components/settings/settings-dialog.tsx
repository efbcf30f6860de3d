import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { TEXT_SIZES, THEMES } from '../../choices.js';
import { LANGUAGE_NAMES } from '../../i18n/language-names.js';
import type { Language } from '../../i18n/languages.js';
import { useApp } from '../../state/app.js';
import { IconButton } from '../controls/icon-button.js';
import { type Choice, Choices } from './choices.js';

/** The settings of this browser. Each change shows at once, so there is nothing to save. */
export const SettingsDialog = ({ onClose }: { onClose(): void }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value;
  const { settings } = texts;
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} class="dialog settings" aria-labelledby={id} onClose={onClose} closedby="any">
      <header class="settings-head">
        <h2 id={id}>{settings.title}</h2>
        <IconButton icon="close" label={texts.close} onClick={() => ref.current?.close()} />
      </header>
      <Choices
        label={settings.theme}
        choices={THEMES.map((value) => ({ value, label: settings.themes[value] }))}
        chosen={preferences.themeChoice.value}
        onChoose={preferences.setTheme}
      />
      <Choices
        label={settings.textSize}
        choices={TEXT_SIZES.map((value) => ({ value, label: settings.textSizes[value] }))}
        chosen={preferences.textSize.value}
        onChoose={preferences.setTextSize}
      />
      <Choices
        label={settings.language}
        choices={LANGUAGE_CHOICES}
        chosen={preferences.language.value}
        onChoose={preferences.setLanguage}
      />
      <p class="settings-hint">{settings.hint}</p>
    </dialog>
  );
};

/** Each language is called by its own name. */
const LANGUAGE_CHOICES: readonly Choice<Language>[] = [
  { value: 'en', label: LANGUAGE_NAMES.en, lang: 'en' },
  { value: 'zh-CN', label: LANGUAGE_NAMES['zh-CN'], lang: 'zh-CN' },
];
