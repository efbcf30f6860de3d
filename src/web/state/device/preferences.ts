import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { TEXT_SIZES, type TextSize, THEMES, type Theme, type ThemeChoice } from '../../choices.js';
import type { Texts } from '../../i18n/en.js';
import type { Language } from '../../i18n/languages.js';
import type { Storage } from './storage.js';

/** The choices of a person for this browser. All its tabs share them at once. */
export interface Preferences {
  language: ReadonlySignal<Language>;
  texts: ReadonlySignal<Texts>;
  /** The theme that is shown. */
  theme: ReadonlySignal<Theme>;
  themeChoice: ReadonlySignal<ThemeChoice>;
  textSize: ReadonlySignal<TextSize>;
  setLanguage(language: Language): void;
  setTheme(choice: ThemeChoice): void;
  setTextSize(size: TextSize): void;
  toggleLanguage(): void;
  toggleTheme(): void;
}

/** The languages of the page. Their texts are loaded when they are wanted. */
export interface Languages {
  /** The language for a stored choice. */
  of(stored: string | null): Language;
  load(language: Language): Promise<Texts>;
  /** The texts of the first one. */
  first: Texts;
}

const LANGUAGE_KEY = 'parley:language';
const THEME_KEY = 'parley:theme';
const SIZE_KEY = 'parley:text-size';

/** Follows the browser until the user chooses. The choice is remembered. */
export function createPreferences(storage: Storage, languages: Languages): Preferences {
  const choice = chosen(storage, LANGUAGE_KEY, languages.of);
  const { spoken, follow } = followChoice(choice.now, languages);
  const language = computed(() => spoken.value.language);
  const themeChoice = chosen(storage, THEME_KEY, themeOf);
  const textSize = chosen(storage, SIZE_KEY, sizeOf);
  const systemTheme = followSystemTheme();
  const theme = computed(() =>
    themeChoice.now.value === 'system' ? systemTheme.value : themeChoice.now.value,
  );
  const setLanguage = (wanted: Language) => {
    choice.set(wanted);
    // Again, if its texts did not come the first time.
    follow();
  };
  showOnRoot({ language, theme, textSize: textSize.now });
  return {
    language,
    texts: computed(() => spoken.value.texts),
    theme,
    themeChoice: themeChoice.now,
    textSize: textSize.now,
    setLanguage,
    setTheme: themeChoice.set,
    setTextSize: textSize.set,
    toggleLanguage: () => setLanguage(language.value === 'en' ? 'zh-CN' : 'en'),
    toggleTheme: () => themeChoice.set(theme.value === 'dark' ? 'light' : 'dark'),
  };
}

/** The language changes together with the texts, once these have come. */
function followChoice(choice: ReadonlySignal<Language>, { load, first }: Languages) {
  const spoken = signal({ language: choice.peek(), texts: first });
  let asked: Language | null = null;
  const follow = () => {
    const language = choice.value;
    if (language === spoken.peek().language || language === asked) return;
    asked = language;
    load(language)
      .then((texts) => {
        if (choice.peek() === language) spoken.value = { language, texts };
      }, reportError)
      .finally(() => {
        if (asked === language) asked = null;
      });
  };
  effect(follow);
  return { spoken, follow };
}

/** A stored choice, which follows the other tabs of the browser. */
function chosen<T extends string>(
  storage: Storage,
  key: string,
  read: (stored: string | null) => T,
): { now: ReadonlySignal<T>; set(value: T): void } {
  const now = signal(read(storage.get(key)));
  addEventListener('storage', (event) => {
    if (event.key === key || event.key === null) now.value = read(storage.get(key));
  });
  const set = (value: T) => {
    now.value = value;
    storage.set(key, value);
  };
  return { now, set };
}

const themeOf = (stored: string | null): ThemeChoice =>
  THEMES.find((theme) => theme === stored) ?? 'system';

const sizeOf = (stored: string | null): TextSize =>
  TEXT_SIZES.find((size) => size === stored) ?? 'normal';

function showOnRoot(shown: Pick<Preferences, 'language' | 'theme' | 'textSize'>): void {
  const root = document.documentElement;
  effect(() => {
    root.lang = shown.language.value;
  });
  effect(() => {
    root.dataset.theme = shown.theme.value;
    colorBrowser();
  });
  effect(() => {
    root.dataset.textSize = shown.textSize.value;
  });
}

/** The browser's own bars have the colour of the page, also where the system has the other theme. */
function colorBrowser(): void {
  const color = getComputedStyle(document.documentElement).backgroundColor;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    meta.content = color;
  }
}

function followSystemTheme(): ReadonlySignal<Theme> {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = signal<Theme>(dark.matches ? 'dark' : 'light');
  dark.addEventListener('change', () => {
    theme.value = dark.matches ? 'dark' : 'light';
  });
  return theme;
}
