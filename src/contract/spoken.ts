/** The model's text, and the reasoning before it. */
export interface Spoken {
  text: string;
  reasoning: string;
}

/** One delta: its text, or both where there is reasoning. Most answers have none, and cost no object. */
export type Piece = string | Spoken;

export const piece = (text: string, reasoning: string | undefined): Piece =>
  reasoning ? { text, reasoning } : text;

export const textOf = (given: Piece): string => (typeof given === 'string' ? given : given.text);

export const reasoningOf = (given: Piece): string =>
  typeof given === 'string' ? '' : given.reasoning;

/** Pieces in their order. */
export const spoken = (pieces: readonly Piece[]): Spoken => ({
  text: pieces.map(textOf).join(''),
  reasoning: pieces.map(reasoningOf).join(''),
});

/** Travels without the key where there is no reasoning, so that packets of such answers stay as they are. */
export const onWire = ({ text, reasoning }: Spoken): { text: string; reasoning?: string } =>
  reasoning === '' ? { text } : { text, reasoning };
