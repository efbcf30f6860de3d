/** Models, and the settings of a conversation. */
export const modelsEn = {
  model: 'Model',
  settings: 'Model and settings',
  standard: (name: string) => `Default (${name})`,
  gone: (id: string) => `Not available: ${id}`,
  goneHint: 'This model is no longer available. Please choose another one.',
  from: (provider: string) => `From ${provider}`,
  contextWindow: (tokens: string) => `${tokens} tokens of context`,
  maxOutput: (tokens: string) => `answers of up to ${tokens} tokens`,
  vision: 'reads images',
  reasoning: 'thinks before it answers',
  price: (input: string, output: string) =>
    `${input} for a million tokens of input, ${output} of output`,
  systemPrompt: 'System prompt',
  systemPromptHint: 'What the model is told before the conversation. Empty: nothing.',
  standardPrompt: 'Use the default of this server',
  temperature: 'Temperature',
  temperatureHint: '0 to 2: higher is more varied. Empty: the default.',
  maxTokens: 'Longest answer in tokens',
  maxTokensHint: 'Empty: the default.',
  onMention: 'Answer only messages with @ai',
  save: 'Save',
};

export type ModelTexts = typeof modelsEn;
