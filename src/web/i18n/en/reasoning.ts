const duration = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;

/** Says that a model thinks, or thought, before it answers. Null: nobody knows for how long. */
export const reasoningEn = {
  reasons: (seconds: number | null) =>
    seconds === null ? 'Thinking…' : `Thinking for ${duration(seconds)}…`,
  reasoned: (seconds: number | null) =>
    seconds === null ? 'Thoughts' : `Thought for ${duration(seconds)}`,
};

export type ReasoningTexts = typeof reasoningEn;
