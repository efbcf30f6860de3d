type Shortcut = readonly [keys: readonly string[], does: string];

/** The keys of the page. `command` is Ctrl or ⌘. */
export const shortcutsEn = {
  title: 'Keyboard shortcuts',
  keys: (command: string): readonly Shortcut[] => [
    [['Enter'], 'Send the message, or save an edited question and ask'],
    [['Shift', 'Enter'], 'Start a new line'],
    [[command, 'Enter'], 'Stop the running answer and send at once'],
    [['↑'], 'Edit the last question, from an empty message box'],
    [['Esc'], 'Close what is open: a dialog, a menu, an edit, the list; else stop the answer'],
    [[command, 'K'], 'Open the command palette: search, and every action'],
    [[command, 'Shift', 'O'], 'Start a new chat'],
    [[command, 'Z'], 'Undo the last deletion or archiving, outside of text fields'],
    [[command, 'P'], 'Print the whole conversation'],
    [['F2'], 'Rename, on a row of the list'],
    [['?'], 'Show these shortcuts, outside of text fields'],
    [[command, '/'], 'Show these shortcuts, anywhere'],
  ],
};

export type ShortcutTexts = typeof shortcutsEn;
