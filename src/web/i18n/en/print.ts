/** Printing a conversation. */
export const printEn = {
  print: 'Print',
  title: 'Preparing the print',
  progress: (count: number) =>
    count === 1 ? '1 message so far' : `${count.toLocaleString('en')} messages so far`,
  printed: (date: string, count: number) =>
    `${date} · ${count === 1 ? '1 message' : `${count.toLocaleString('en')} messages`}`,
  cut: (count: number) =>
    `The conversation is longer. Only its last ${count.toLocaleString('en')} messages are printed.`,
};

export type PrintTexts = typeof printEn;
