import { chatGptDraft, isChatGpt } from './chatgpt.js';
import type { Draft } from './draft.js';
import { isLibreChat, libreChatDraft } from './librechat.js';
import { isObject, type Loose, objectOf, textOf } from './loose.js';
import { isOpenWebUi, openWebUiDraft } from './open-webui.js';
import { isParley, parleyDraft } from './parley.js';

/** Each entry is known by its own form, since any of them, also the first, may be damaged. Null: none of ours. */
function draftOf(value: unknown, head: Loose): Draft | null {
  if (!isObject(value)) return null;
  if (isChatGpt(value)) return chatGptDraft(value);
  if (isOpenWebUi(value)) return openWebUiDraft(value);
  if (isLibreChat(value)) return libreChatDraft(value);
  return isParley(value) ? parleyDraft(value, head) : null;
}

/** What a value without a form may be called. */
const titleOf = (value: unknown): string => textOf(objectOf(value).title);

/** The draft, or what the value may be called if it has no form that is known. */
export const detectedOr = (value: unknown, head: Loose): Draft | string =>
  draftOf(value, head) ?? titleOf(value);
