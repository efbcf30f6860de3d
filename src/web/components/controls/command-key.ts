/** What the key for commands is called on this device. */
export const commandKey = (): string =>
  /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
