import { chatGptDraft, isChatGpt } from './chatgpt.js';
import type { Draft } from './draft.js';
import { isLibreChat, libreChatDraft } from './librechat.js';
import { isObject, type Loose, objectOf, textOf } from './loose.js';
import { isOpenWebUi, openWebUiDraft } from './open-webui.js';
import { isParley, parleyDraft } from './parley.js';

/**
 * Each entry is recognised by its own form, because any of them may be damaged, also the first. Null: no form of ours.
 */
function draftOf(value: unknown, head: Loose): Draft | null {
  if (!isObject(value)) return null;
  if (isChatGpt(value)) return chatGptDraft(value);
  if (isOpenWebUi(value)) return openWebUiDraft(value);
  if (isLibreChat(value)) return libreChatDraft(value);
  return isParley(value) ? parleyDraft(value, head) : null;
}

/** A name for a value without a known form. */
const titleOf = (value: unknown): string => textOf(objectOf(value).title);

/** The draft, or a name for the value if it has no known form. */
export const detectedOr = (value: unknown, head: Loose): Draft | string =>
  draftOf(value, head) ?? titleOf(value);
