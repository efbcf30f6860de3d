import { APIError } from 'openai';
import { ProviderError } from '../../../ports/completion-provider.js';
import {
  OPTIONAL,
  type Optional,
  type Parameters,
  withLimitRenamed,
  without,
  withSystemFolded,
} from './parameters.js';

/** Parts that a request leaves out, because the server refused them. */
export interface Concession {
  /** Concessions with the same name are equal. */
  name: string;
  /** The model refuses every value of this part, not only the one that was sent. */
  lasting: boolean;
  /** The server wants back the fields that its earlier answers had beside their text. */
  recalls?: boolean;
  apply(parameters: Parameters): Parameters;
}

/** Null if the refused part cannot be left out. */
export function concessionFor(parameters: Parameters, error: unknown): Concession | null {
  const refusal = refusalOf(error);
  if (!refusal) return null;
  const conceded = refusal.param
    ? (parameterRefused(parameters, refusal) ?? systemRefused(parameters, refusal))
    : (systemRefused(parameters, refusal) ?? parameterRefused(parameters, refusal));
  return conceded ?? reasoningDemanded(parameters, refusal);
}

/** "The reasoning_content in the thinking mode must be passed back to the API." */
const REASONING =
  /\b(reasoning(_content|_details)?|redacted_thinking|thinking|thought_?signature)\b/i;
const WANTED = /\b(must|required?|requires|missing|expected|needs?)\b/i;

function reasoningDemanded(parameters: Parameters, { status, text }: Refusal): Concession | null {
  const isDemand = (status === 400 || status === 422) && REASONING.test(text) && WANTED.test(text);
  const hasAnswers = parameters.messages.some(({ role }) => role === 'assistant');
  if (!isDemand || !hasAnswers || isSentBack(parameters)) return null;
  return { name: RECALL, lasting: true, recalls: true, apply: (given) => given };
}

export const RECALL = 'reasoning sent back';

const isSentBack = ({ messages }: Parameters): boolean =>
  messages.some((message) => 'reasoning_content' in message || 'reasoning_details' in message);

interface Refusal {
  /** 200: reported in the body of a response. */
  status: number;
  param: string | null;
  /** The server's whole error text. */
  text: string;
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ProviderError && error.cause instanceof Error) {
    return { status: 200, param: null, text: error.cause.message };
  }
  if (!(error instanceof APIError) || error.status === undefined) return null;
  const { status, param, code, message } = error;
  return { status, param: param || null, text: `${code ?? ''} ${message}` };
}

function parameterRefused(parameters: Parameters, refusal: Refusal): Concession | null {
  if (refusal.status !== 400 && refusal.status !== 422) return null;
  const refused = OPTIONAL.find((name) => name in parameters && isNamed(name, refusal));
  if (!refused) return null;
  const lasting = !OF_THE_VALUE.test(refusal.text) && OF_THE_KIND.test(refusal.text);
  return refused === 'max_tokens' && /\bmax_completion_tokens\b/.test(refusal.text)
    ? { name: 'rename max_tokens', lasting, apply: withLimitRenamed }
    : { name: `without ${refused}`, lasting, apply: without(refused) };
}

function isNamed(name: Optional, { param, text }: Refusal): boolean {
  if (param) return param === name;
  // The word "user" is in many messages; as a parameter it is quoted.
  const pattern = name === 'user' ? /["'`]user["'`]/ : new RegExp(`\\b${name}\\b`);
  return pattern.test(text);
}

/** Another value may be accepted, so the next request sends it again. */
const OF_THE_VALUE =
  /too (?:large|small|high|low|big|many)|at (?:most|least)|(?:less|greater) than/i;
const OF_THE_KIND =
  /unsupported|unknown|unrecogni[sz]ed|unexpected|extra|n['’o]t (?:be )?(?:support|permit|allow|accept|implement|recogni)|\buse ['"`]?max_/i;

/** Templates that cannot render fail with 500 at some servers, and inside a 200 at others. */
const WITH_TEMPLATES: ReadonlySet<number> = new Set([200, 400, 404, 422, 500, 501]);

function systemRefused(parameters: Parameters, { status, text }: Refusal): Concession | null {
  const [first, second] = parameters.messages;
  const canFold = first?.role === 'system' && second?.role === 'user';
  if (!canFold || !WITH_TEMPLATES.has(status) || !refusesSystem(text)) return null;
  return { name: 'system folded', lasting: true, apply: withSystemFolded };
}

const SYSTEM =
  /(?:system|developer).{0,60}(?:role|message|prompt|instruction)|(?:role|message|instruction).{0,60}(?:system|developer)/is;
const REFUSED =
  /\b(?:not|cannot|only|must|should|un(?:supported|expected|known)|in(?:valid|compatible)|except|expected|disallowed|forbidden)\b|n['’]t\b/i;
const ROLES =
  /roles?\b.{0,80}\b(?:alternat|user\b.{0,12}\bassistant)|user\b.{0,12}\bassistant\b.{0,12}\broles?/is;
const TEMPLATE =
  /jinja|chat[ _-]?template|template error|raise_exception|rendering (?:the )?prompt/i;

/** Matches the words of chat templates and of servers that check roles themselves. */
function refusesSystem(text: string): boolean {
  return (SYSTEM.test(text) && REFUSED.test(text)) || ROLES.test(text) || TEMPLATE.test(text);
}
