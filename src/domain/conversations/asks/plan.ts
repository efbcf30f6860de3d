import type { ModelDefaults } from '../../answers/model/model-request.js';
import { within } from '../../answers/model/model-request.js';
import { MESSAGE_OVERHEAD } from '../../answers/model/prompt.js';
import { type Estimate, estimated, roughTokens } from '../../limits/estimate.js';
import type { Planned } from './ask.js';

/** Estimates model calls before anything of them is read: from lengths, and from the usage of the last answer. */
export const createEstimate =
  (defaults: ModelDefaults, reserveTokens: number) =>
  ({ conversation, model, branchTokens, text }: Planned): Estimate => {
    const wish = conversation.max_tokens ?? defaults.maxTokens;
    const { maxTokens, promptTokens } = within(defaults.limitsOf?.(model), wish, defaults);
    const system = conversation.system_prompt ?? defaults.systemPrompt;
    const begun = branchTokens === 0 ? roughTokens(system) + MESSAGE_OVERHEAD : branchTokens;
    const added = text === '' ? 0 : roughTokens(text) + MESSAGE_OVERHEAD;
    // The newest message is sent whatever the budget of the prompt is.
    const prompt = Math.max(Math.min(begun + added, promptTokens), added);
    return estimated(prompt, maxTokens, reserveTokens);
  };
