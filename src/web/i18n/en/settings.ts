import type { TextSize, ThemeChoice } from '../../choices.js';

/** The settings of this browser. */
export const settingsEn = {
  title: 'Settings',
  hint: 'These settings apply to this browser.',
  theme: 'Appearance',
  themes: {
    system: 'As the system',
    light: 'Light',
    dark: 'Dark',
  } satisfies Record<ThemeChoice, string> as Record<ThemeChoice, string>,
  textSize: 'Text size',
  textSizes: {
    small: 'Small',
    normal: 'Normal',
    large: 'Large',
    larger: 'Larger',
  } satisfies Record<TextSize, string> as Record<TextSize, string>,
  language: 'Language',
};

export type SettingsTexts = typeof settingsEn;
