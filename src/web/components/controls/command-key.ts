/** The name of the key for commands on this device. */
export const commandKey = (): string =>
  /Mac|iP(hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
