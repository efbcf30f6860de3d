/** The words of the parts of an answer. */
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
  restarted:
    'The answer was interrupted by a restart and is being written again. The earlier text stays until the new one has passed it.',
  facts: 'About this answer',
  model: 'Model',
  time: 'Time',
  took: (seconds: number) =>
    seconds < 60
      ? `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
      : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`,
  tokensLabel: 'Tokens',
  tokens: (read: string, written: string) => `${read} read, ${written} written`,
  estimated: (tokens: string) => `${tokens} (estimated)`,
  cost: 'Cost',
  leftOut: 'Older messages left out',
  serverSaid: "The model server's own words, for administrators only:",
};

export type AnswerTexts = typeof answersEn;
