import { APIError, type OpenAI } from 'openai';
import { storable } from '../../../contract/text.js';
import type { ProviderError } from '../../../ports/completion-provider.js';
import {
  type RawCompletions,
  type RawEnd,
  RawRefusal,
  type RawRequest,
  type ServerError,
} from '../../../ports/raw-completions.js';
import { failure, requestFailure } from '../failures.js';
import { CompletionChunks } from '../reading/completion-chunks.js';
import { readCompletion } from '../reading/read-completion.js';
import { separated } from '../reading/think-tags.js';
import {
  type Call,
  passGate,
  optionsOf as requestOptions,
  withDeadlines,
} from '../requests/call.js';
import { type Concession, concessionFor } from '../requests/concessions.js';
import { KnownRefusals } from '../requests/known-refusals.js';
import type { Parameters } from '../requests/parameters.js';
import { withRetries } from '../requests/retry.js';
import { isObject } from '../text-names.js';
import type { DeadlineOptions } from '../transport/deadlines.js';
import type { Transport } from '../transport/transport.js';
import type { RawOptions } from './raw-chunks.js';
import type { Fields } from './whole-answers.js';
import { EventChunks, untold, WholeChunks } from './whole-chunks.js';

export interface RawDeps {
  client: OpenAI;
  transport: Pick<Transport, 'body'>;
  limits: DeadlineOptions;
  maxRetries: number;
  finishGraceMs: number;
  /** The server's name for the model with this id. */
  upstreamIdOf(model: string): string;
  /** Whether the model with this id leaves its reasoning in its text. */
  leavesTags(model: string): boolean;
  /** Removes keys and the server's address. */
  redact(text: string): string;
}

/** A request in progress. `added` has only the parts that the client has not sent. */
interface Draft {
  request: RawRequest;
  added: Parameters;
  conceded: Concession[];
}

/** Completions of one server, for programs that speak its language. */
export function createRawCompletions(deps: RawDeps): RawCompletions {
  const { client, transport, redact, limits, maxRetries, finishGraceMs } = deps;
  const refusals = new KnownRefusals();

  const open = async (draft: Draft, call: Call): Promise<Response> => {
    await passGate(call);
    call.deadlines.sent();
    // A whole answer comes when it is complete, so only the total limit counts.
    if (!draft.request.stream) call.deadlines.pause();
    const options = { body: bodyOf(draft), ...requestOptions(call) };
    try {
      return await client.post('/chat/completions', options).asResponse();
    } catch (error) {
      if (!concede(draft, error)) throw error;
      return open(draft, call);
    }
  };

  const run = async (
    request: RawRequest,
    onChunk: (json: string) => void,
    call: Call,
  ): Promise<RawEnd> => {
    const { signal, deadlines, gate } = call;
    const model = deps.upstreamIdOf(request.model);
    const draft: Draft = { request, added: refusals.spare(addedTo(request, model)), conceded: [] };
    const onWait = () => deadlines.pause();
    const retries = { retries: maxRetries, signal, gate, model, onWait };
    const response = await withRetries(() => open(draft, call), retries).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : refusalOf(error, redact);
    });
    refusals.learn(model, draft.conceded);
    const body = transport.body(response);
    if (!body) throw failure('broken');
    const said = request.said && separated(request.said, deps.leavesTags(request.model));
    const reader = said ? new CompletionChunks(said.text, untold, said.reasoning) : null;
    const chunks = chunksOf(request, onChunk, reader, redact);
    const { usage, finishReason } = await readCompletion(body, {
      chunks,
      signal,
      alive: () => deadlines.alive(),
      graceMs: finishGraceMs,
      onFinish: () => deadlines.pause(),
    });
    chunks.close();
    said?.end();
    return { usage, finishReason };
  };

  return {
    complete: (request, onChunk, { signal, gate }) =>
      withDeadlines(limits, signal, (given) => run(request, onChunk, { ...given, gate })),
  };
}

/** Usage is counted in any case. The server is told who asks unless the client says so itself. */
function addedTo({ body, stream, user }: RawRequest, model: string): Parameters {
  const added: Parameters = { model, messages: [], stream: true };
  if (stream && !showsUsage(body)) added.stream_options = { include_usage: true };
  if (!('user' in body)) added.user = user;
  return added;
}

const optionsOf = ({ stream_options: options }: RawRequest['body']): Fields =>
  isObject(options) ? options : {};

const showsUsage = (body: RawRequest['body']): boolean => optionsOf(body).include_usage === true;

function bodyOf({ request: { body }, added }: Draft): Fields {
  const { model, user, stream_options: options } = added;
  return {
    ...body,
    model,
    ...(user !== undefined && { user }),
    ...(options && { stream_options: { ...optionsOf(body), ...options } }),
  };
}

/** Leaves out the added parts that the server refuses. False if it refuses something else. */
function concede(draft: Draft, error: unknown): boolean {
  const concession = concessionFor(draft.added, error);
  if (!concession) return false;
  draft.added = concession.apply(draft.added);
  draft.conceded.push(concession);
  return true;
}

function chunksOf(
  { body, stream }: RawRequest,
  onChunk: (json: string) => void,
  reader: CompletionChunks | null,
  redact: (text: string) => string,
) {
  const { n } = body;
  const options: RawOptions = {
    onChunk,
    reader,
    choices: typeof n === 'number' && n > 1 ? n : 1,
    showsUsage: showsUsage(body),
    reported: (error) => refused(failure('reported'), 200, error, redact),
  };
  return stream ? new EventChunks(options) : new WholeChunks(options);
}

/** Statuses that mean that the request is wrong. Others are about this service's account at the server. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** The client is told what a refusal says of the request, and not what it says of this service. */
function refusalOf(error: unknown, redact: (text: string) => string): ProviderError {
  const failed = requestFailure(error, redact);
  if (!(error instanceof APIError) || !OF_THE_REQUEST.has(error.status ?? 0)) return failed;
  return refused(failed, Number(error.status), error.error, redact);
}

const MOST_CHARS = 2_000;

function refused(
  { fault, detail }: ProviderError,
  status: number,
  error: unknown,
  redact: (text: string) => string,
): RawRefusal {
  const { message, type, param, code } = isObject(error) ? error : { message: error };
  const text = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number'
      ? storable(redact(String(value).slice(0, MOST_CHARS)))
      : null;
  const told: ServerError = {
    message: text(message) ?? detail,
    type: text(type),
    param: text(param),
    code: text(code),
  };
  return new RawRefusal(fault ?? 'reported', detail, { status, error: told });
}
