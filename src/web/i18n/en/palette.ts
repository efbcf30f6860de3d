/** The command palette. */
export const paletteEn = {
  title: 'Command palette',
  placeholder: 'Search, or type a command',
  conversation: 'This conversation',
  page: 'Commands',
  conversations: 'Conversations',
  messages: 'Found',
  nothing: (query: string) => `Nothing found for “${query}”.`,
  count: (count: number) => `${count} ${count === 1 ? 'entry' : 'entries'}`,
  /** A setting and its value. */
  set: (name: string, value: string) => `${name}: ${value}`,
  searchList: 'Search in the list',
};

export type PaletteTexts = typeof paletteEn;
