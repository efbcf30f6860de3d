import { TEXT_SIZES, THEMES } from '../../choices.js';
import { LANGUAGE_NAMES } from '../../i18n/language-names.js';
import type { App } from '../../state/app.js';
import type { Chat } from '../../state/chat.js';
import { ADMIN_HREF } from '../../state/view/route.js';
import type { DialogName } from '../../state/view/screen.js';
import { commandKey } from '../controls/command-key.js';
import type { MenuItem } from '../controls/menu.js';
import { searchList } from '../search/search-list.js';

/** An action of the page. */
export interface Command extends MenuItem {
  /** What to tell it by where others may have the same label. */
  key?: string;
  keys?: readonly string[];
  /** Listed only in a search. */
  isRare?: boolean;
}

/** Commands that do not belong to a conversation. */
export function pageCommands(app: App, chat: Chat): Command[] {
  const { preferences, router, screen, logOut, report } = app;
  const texts = preferences.texts.value;
  const command = commandKey();
  const show = (dialog: DialogName) => () => {
    screen.show(dialog);
  };
  const inArchive = screen.inArchive.value;
  return [
    {
      ...{ icon: 'plus', label: texts.newChat, keys: [command, 'Shift', 'O'] },
      run: () => router.go(null),
    },
    { icon: 'search', label: texts.palette.searchList, run: () => searchList(app) },
    {
      ...{ icon: 'archive', label: inArchive ? texts.list.back : texts.list.showArchived },
      run: () => {
        chat.client.archived.show();
        screen.inArchive.value = !inArchive;
        screen.drawer.open();
      },
    },
    { icon: 'gear', label: texts.settings.title, run: show('settings') },
    { icon: 'user', label: texts.account.title, run: show('account') },
    {
      ...{ icon: 'keyboard', label: texts.shortcuts.title, keys: ['?'] },
      run: show('shortcuts'),
    },
    ...adminCommand(app),
    ...undoCommand(app),
    ...preferenceCommands(app),
    { icon: 'exit', label: texts.logOut, run: () => void logOut().catch(report) },
  ];
}

function adminCommand({ preferences, router, session }: App): Command[] {
  if (!session.user.value?.roles.some((name) => name !== 'user')) return [];
  const label = preferences.texts.value.registration.admin;
  return [{ icon: 'sliders', label, run: () => router.follow(ADMIN_HREF) }];
}

function undoCommand({ preferences, notices, undo }: App): Command[] {
  if (!notices.value.some(({ action }) => action !== undefined)) return [];
  const label = preferences.texts.value.list.undo;
  return [{ icon: 'again', label, keys: [commandKey(), 'Z'], run: undo }];
}

function preferenceCommands({ preferences }: App): Command[] {
  const { settings, palette } = preferences.texts.value;
  const themes = THEMES.map((theme) => ({
    ...({ icon: theme === 'dark' ? 'moon' : 'sun', isRare: true } as const),
    label: palette.set(settings.theme, settings.themes[theme]),
    run: () => preferences.setTheme(theme),
  }));
  const sizes = TEXT_SIZES.map((size) => ({
    ...({ icon: 'text', isRare: true } as const),
    label: palette.set(settings.textSize, settings.textSizes[size]),
    run: () => preferences.setTextSize(size),
  }));
  const languages = (['en', 'zh-CN'] as const).map((language) => ({
    ...({ icon: 'globe', isRare: true } as const),
    label: palette.set(settings.language, LANGUAGE_NAMES[language]),
    run: () => preferences.setLanguage(language),
  }));
  return [...themes, ...sizes, ...languages];
}
