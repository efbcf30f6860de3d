import type { SettingsTexts } from '../en/settings.js';

export const settingsZh: SettingsTexts = {
  title: '设置',
  hint: '仅对此浏览器生效。',
  theme: '外观',
  themes: { system: '跟随系统', light: '浅色', dark: '深色' },
  textSize: '文字大小',
  textSizes: { small: '小', normal: '标准', large: '大', larger: '特大' },
  language: '语言',
};
