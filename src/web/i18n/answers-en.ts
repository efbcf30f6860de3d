/** What the parts of an answer say. */
export const answersEn = {
  code: 'Code',
  copy: 'Copy',
  copied: 'Copied',
  copyCode: 'Copy code',
  wrap: 'Wrap',
  wrapCode: 'Wrap long lines of the code',
  download: 'Download',
  downloadCode: 'Download code',
  table: 'Table',
  footnote: (number: string) => `${number}: footnote`,
  backToText: 'back to the text',
};

export type AnswerTexts = typeof answersEn;
