import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Texts } from '../i18n/en.js';
import { isLanguage, LANGUAGES, type Language, pickLanguage } from '../i18n/languages.js';
import type { Storage } from './storage.js';

export type Theme = 'light' | 'dark';

export interface Preferences {
  language: ReadonlySignal<Language>;
  texts: ReadonlySignal<Texts>;
  theme: ReadonlySignal<Theme>;
  toggleLanguage(): void;
  toggleTheme(): void;
}

const LANGUAGE_KEY = 'parley:language';
const THEME_KEY = 'parley:theme';

/** Follows the browser until the user chooses. The choice is remembered. */
export function createPreferences(storage: Storage): Preferences {
  const language = signal(initialLanguage(storage));
  const systemTheme = followSystemTheme();
  const chosenTheme = signal(readTheme(storage));
  const theme = computed(() => chosenTheme.value ?? systemTheme.value);
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
  return {
    language,
    texts: computed(() => LANGUAGES[language.value]),
    theme,
    toggleLanguage: () => {
      language.value = language.value === 'en' ? 'zh-CN' : 'en';
      storage.set(LANGUAGE_KEY, language.value);
    },
    toggleTheme: () => {
      chosenTheme.value = theme.value === 'dark' ? 'light' : 'dark';
      storage.set(THEME_KEY, chosenTheme.value);
    },
  };
}

function initialLanguage(storage: Storage): Language {
  const stored = storage.get(LANGUAGE_KEY);
  return isLanguage(stored) ? stored : pickLanguage(navigator.languages);
}

function readTheme(storage: Storage): Theme | null {
  const stored = storage.get(THEME_KEY);
  return stored === 'light' || stored === 'dark' ? stored : null;
}

function followSystemTheme(): ReadonlySignal<Theme> {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = signal<Theme>(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => {
    theme.value = dark.matches ? 'dark' : 'light';
  });
  return theme;
}
