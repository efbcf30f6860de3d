import type { TokenCounts } from '../../../ports/completion-provider.js';
import { hasOtherText, hidesText, isEmpty, isObject, NO_TEXT } from '../text-names.js';
import { readReasoning } from './read-reasoning.js';
import { readContent, readPiece, type Text, UNKNOWN } from './read-text.js';
import { readUsage } from './usage.js';

type Fields = Record<string, unknown>;

const KNOWN_OF_OLLAMA = new Set(['message', 'response']);

/** One message of a server that does not use the form of chat completions. */
export interface OtherMessage {
  /** The next piece. */
  text?: Text;
  /** A whole part of the answer. Its pieces came before, unless the server sends none. */
  said?: Text;
  /** The answer from its beginning on. */
  whole?: Text;
  /** The next piece of the reasoning, and the reasoning from its beginning on. */
  reasoning?: string;
  wholeReasoning?: string;
  usage?: TokenCounts | null;
  /** Only the last message has a finish reason. */
  finishReason?: string;
}

/** Ollama's own API and the Responses API. Undefined for anything else. */
export function readOther(message: Fields): OtherMessage | undefined {
  if (typeof message.done === 'boolean') return readOllama(message);
  if (message.object === 'response') return readResponse(message);
  const { type } = message;
  return typeof type === 'string' && type.startsWith('response.')
    ? readResponseEvent(type, message)
    : undefined;
}

function readOllama(message: Fields): OtherMessage {
  const read = isEmpty(message.message)
    ? readContent(message.response)
    : readPiece(message.message);
  const text = read === '' && hasOtherText(message, KNOWN_OF_OLLAMA) ? UNKNOWN : read;
  const reasoning = readReasoning(message.message) || readReasoning(message);
  if (!message.done) return { text, reasoning };
  const { done_reason: reason, prompt_eval_count, eval_count } = message;
  const usage = readUsage({ input_tokens: prompt_eval_count, output_tokens: eval_count });
  return {
    text,
    reasoning,
    usage,
    finishReason: typeof reason === 'string' && reason ? reason : 'stop',
  };
}

function readResponseEvent(type: string, event: Fields): OtherMessage {
  if (TEXT_EVENT.test(type)) return { text: readContent(event.delta) };
  const reasoning = REASONING_EVENT.exec(type);
  if (reasoning) return { reasoning: readReasoningEvent(event, reasoning[1]) };
  const isEnd = type === 'response.completed' || type === 'response.incomplete';
  if (isEnd) return isObject(event.response) ? readResponse(event.response) : {};
  if (SPEECHLESS_EVENT.test(type)) return {};
  if (type.endsWith('.delta')) return typeof event.delta === 'string' ? { text: UNKNOWN } : {};
  return { said: saidBy(event) };
}

const TEXT_EVENT = /^response\.(output_text|refusal|\w*audio_?\.?transcript)\.delta$/;
const SPEECHLESS_EVENT =
  /reason|call|tool|input|code|argument|image|audio\.(delta|done)|annotation/;

/** A part or an item of the output, of a text that is complete. */
function saidBy({ item, part, text, refusal, transcript }: Fields): Text {
  if (isObject(item)) return readOutput({ output: [item] });
  if (isObject(part)) return readReadable(part);
  return readContent(text ?? refusal ?? transcript);
}

/** A part that is not text says nothing. */
const readReadable = (part: Fields): Text =>
  typeof part.type === 'string' && NO_TEXT.test(part.type) ? '' : readContent(part);

const REASONING_EVENT = /^response\.reasoning\w*\.(delta|added)$/;

/** A blank line between two parts of a summary. */
function readReasoningEvent(event: Fields, part: string | undefined): string {
  if (part === 'added') return event.summary_index ? '\n\n' : '';
  return typeof event.delta === 'string' ? event.delta : '';
}

function readResponse(response: Fields): OtherMessage {
  return {
    whole: readOutput(response),
    wholeReasoning: readReasoningItems(response),
    usage: readUsage(response.usage),
    finishReason: response.status === 'incomplete' ? whyIncomplete(response) : 'stop',
  };
}

function readOutput({ output, output_text: text }: Fields): Text {
  if (isEmpty(output)) return readContent(text);
  if (!Array.isArray(output) || !output.every(isObject)) return UNKNOWN;
  return readContent(output.flatMap(partsOf));
}

/** Messages, and texts without one. Calls and reasoning are no text. */
function partsOf(item: Fields): unknown {
  const { type, content } = item;
  if (type === 'message' || type === undefined) return content ?? [];
  return type === 'output_text' || type === 'text' || hidesAnswer(item) ? [item] : [];
}

const hidesAnswer = (item: Fields): boolean =>
  !SPEECHLESS_EVENT.test(String(item.type)) && hidesText(item);

function readReasoningItems({ output }: Fields): string {
  if (!Array.isArray(output)) return '';
  const items = output.filter(isObject).filter(({ type }) => type === 'reasoning');
  return items.map(textsOfItem).filter(Boolean).join('\n\n');
}

/** The reasoning itself where the server shows it, else its summary. */
function textsOfItem({ content, summary }: Fields): string {
  const parts = isEmpty(content) ? summary : content;
  if (!Array.isArray(parts)) return '';
  const separator = isEmpty(content) ? '\n\n' : '';
  return parts.map((part) => (isObject(part) ? String(part.text ?? '') : '')).join(separator);
}

function whyIncomplete({ incomplete_details: details }: Fields): string {
  const reason = isObject(details) ? details.reason : undefined;
  return typeof reason !== 'string' || reason === 'max_output_tokens' ? 'length' : reason;
}

/** An error that a server reports under status 200, in whatever form. */
export function isReport(message: Fields): boolean {
  if (ERRORS.some((name) => !isEmpty(message[name]) && message[name] !== false)) return true;
  if (message.object === 'error' || message.type === 'error') return true;
  return isEmpty(message.choices) && REPORTS.some((reports) => reports(message));
}

const ERRORS = ['error', 'err', 'Error', 'fault'];

const REPORTS: ((message: Fields) => boolean)[] = [
  ({ message, choices }) => typeof message === 'string' && message !== '' && !choices,
  ({ detail, errors }) => !isEmpty(detail) || !isEmpty(errors),
  ({ error_code: code, error_msg: text }) => (isEmpty(code) ? !isEmpty(text) : code !== 0),
  ({ msg, error_message: text, exception }) =>
    !isEmpty(msg) || !isEmpty(text) || !isEmpty(exception),
  ({ success }) => success === false,
  ({ status }) => (isObject(status) ? isFailure(status.code) : saysFailed(status)),
  ({ code, choices }) => isFailure(code) && isEmpty(choices),
  ({ type }) => typeof type === 'string' && FAILED.test(type),
  ({ base_resp: base }) => isObject(base) && Boolean(base.status_code),
];

/** An HTTP status, which some servers put into the body. */
const isFailure = (code: unknown): boolean => Number(code) >= 400 && Number(code) < 600;
const saysFailed = (status: unknown): boolean =>
  (typeof status === 'string' && FAILED.test(status)) || isFailure(status);

/** Names of events, statuses and finish reasons of an answer that the server aborted. */
export const FAILED =
  /^(response\.|\w+[_-])?(error|exception|fail(ed|ure)?|abort(ed)?|cancell?ed|insufficient_system_resource)$/i;
