type Shortcut = readonly [keys: readonly string[], does: string];

/** The keys of the page. `command` is Ctrl or ⌘. */
export const shortcutsEn = {
  title: 'Keyboard shortcuts',
  keys: (command: string): readonly Shortcut[] => [
    [['Enter'], 'Send the message, or save an edited question and ask'],
    [['Shift', 'Enter'], 'Start a new line'],
    [[command, 'Enter'], 'Stop the running answer and send at once'],
    [['↑'], 'Edit the last question, from an empty message box'],
    [['Esc'], 'Cancel an edit, close a menu or a dialog'],
    [[command, 'K'], 'Search; the arrows go through the results'],
    [[command, 'Shift', 'O'], 'Start a new chat'],
    [[command, 'Z'], 'Undo the last deletion or archiving, outside of text fields'],
    [[command, '/'], 'Show these shortcuts'],
  ],
};

export type ShortcutTexts = typeof shortcutsEn;
