import { OpenAI } from 'openai';
import type {
  CompletionEnd,
  CompletionProvider,
  CompletionRequest,
  FlushTimes,
  Hears,
  OfferedModel,
  Said,
} from '../../ports/completion-provider.js';
import type { RawCompletions } from '../../ports/raw-completions.js';
import { createRedactor, failure, requestFailure } from './failures.js';
import { createRawCompletions } from './raw/raw-completions.js';
import { CompletionChunks } from './reading/completion-chunks.js';
import { readCompletion } from './reading/read-completion.js';
import { separated } from './reading/think-tags.js';
import { type Call, optionsOf, passGate, withDeadlines } from './requests/call.js';
import { type Concession, concessionFor } from './requests/concessions.js';
import { KnownRefusals } from './requests/known-refusals.js';
import { type Parameters, toParameters } from './requests/parameters.js';
import { withRetries } from './requests/retry.js';
import type { DeadlineOptions } from './transport/deadlines.js';
import { createTransport } from './transport/transport.js';

export interface OpenAIProviderOptions extends DeadlineOptions {
  /** Null for servers without a key. */
  apiKey: string | null;
  /** The address with its version (`…/v1`). Null: OpenAI itself. */
  baseUrl: string | null;
  /** Names of models, or what is known of them. */
  models: readonly (string | ModelOptions)[];
  /** Name of the server; `openai` unless given. */
  name?: string;
  /** A model beside the others. */
  defaultModel?: string;
  /** Time limit of the TCP and TLS connection. */
  connectTimeoutMs: number;
  /** Retries of a request that has produced nothing yet. */
  maxRetries: number;
  /** How long `[DONE]` or the usage may take after a finish reason; 2 s unless given. */
  finishGraceMs?: number;
  /** Times of the flush clock. Without them everything is read as it arrives. */
  times?: FlushTimes;
}

export interface ModelOptions extends Omit<OfferedModel, 'provider'> {
  /** The server's name for the model. */
  upstreamId: string;
  /** The model leaves its reasoning in the text, between tags. */
  thinkTags: boolean;
}

export interface OpenAIProvider extends CompletionProvider, RawCompletions {
  /** Closes all connections; running streams fail. Idempotent. */
  stop(): Promise<void>;
}

const FINISH_GRACE_MS = 2_000;
const AT_ONCE: FlushTimes = { beforeNext: (work) => work() };

/** Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, DeepSeek, the demo model. */
export function createOpenAIProvider(options: OpenAIProviderOptions): OpenAIProvider {
  const transport = createTransport(options.connectTimeoutMs, options.times ?? AT_ONCE);
  const client = createClient(options, transport.fetch);
  const redact = createRedactor(options.apiKey);
  const refusals = new KnownRefusals();
  const models = modelsOf(options);

  const open = async (draft: Draft, call: Call): Promise<Response> => {
    await passGate(call);
    call.deadlines.sent();
    try {
      const options = optionsOf(call);
      return await client.chat.completions.create(draft.parameters, options).asResponse();
    } catch (error) {
      if (await concede(draft, error)) return open(draft, call);
      throw error;
    }
  };

  const answer = async (draft: Draft, said: Said, call: Call): Promise<CompletionEnd> => {
    const { signal, deadlines, gate } = call;
    const attempt = () => open(draft, call);
    const { model } = draft.parameters;
    const onWait = () => deadlines.pause();
    const retries = { retries: options.maxRetries, signal, gate, model, onWait };
    const response = await withRetries(attempt, retries).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : requestFailure(error, redact);
    });
    const body = transport.body(response);
    if (!body) throw failure('broken');
    return readCompletion(body, {
      chunks: new CompletionChunks(said.text, redact, said.reasoning),
      signal,
      alive: () => deadlines.alive(),
      graceMs: options.finishGraceMs ?? FINISH_GRACE_MS,
      onFinish: () => deadlines.pause(),
    }).catch(async (error: unknown) => {
      // Some servers refuse within a 200. Before any text, that is a refusal like any other.
      if (draft.answered || signal.aborted || !(await concede(draft, error))) throw error;
      return answer(draft, said, call);
    });
  };

  const run = async (
    request: CompletionRequest,
    onText: (text: string) => void,
    hears: Hears,
    call: Call,
  ): Promise<CompletionEnd> => {
    const known = models.get(request.model);
    const model = known?.upstreamId ?? request.model;
    const messages = refusals.recalls(model) ? await request.recall?.() : undefined;
    const parameters = refusals.spare(
      toParameters({ ...request, model, ...(messages && { messages }) }),
    );
    const draft: Draft = { request, parameters, conceded: [], answered: false };
    const answered = () => {
      if (!draft.answered) refusals.learn(model, draft.conceded);
      draft.answered = true;
    };
    const text = (piece: string) => {
      answered();
      onText(piece);
    };
    const reasoning = (piece: string) => {
      answered();
      hears.reasoning?.(piece);
    };
    const said = separated({ text, reasoning }, known?.thinkTags ?? false);
    const end = await answer(draft, said, call);
    said.end();
    answered();
    return end;
  };

  const raw = createRawCompletions({
    ...{ client, transport, limits: options, maxRetries: options.maxRetries },
    finishGraceMs: options.finishGraceMs ?? FINISH_GRACE_MS,
    upstreamIdOf: (model) => models.get(model)?.upstreamId ?? model,
    leavesTags: (model) => models.get(model)?.thinkTags ?? false,
    redact: createRedactor(options.apiKey, options.baseUrl),
  });

  return {
    ...raw,
    stream: (request, onText, { signal, gate, hears = {} }) =>
      withDeadlines(options, signal, (limits) => run(request, onText, hears, { ...limits, gate })),
    models: () => offered(models.values(), options.name ?? 'openai'),
    stop: () => transport.stop(),
  };
}

/** A request in progress, and the parts it already leaves out. */
interface Draft {
  request: CompletionRequest;
  parameters: Parameters;
  conceded: Concession[];
  /** Whether the answer's text has begun, or the answer has ended. */
  answered: boolean;
}

/** Leaves out what the server refused, or adds what it demands. False if that cannot be done. */
async function concede(draft: Draft, error: unknown): Promise<boolean> {
  const concession = concessionFor(draft.parameters, error);
  if (!concession || (concession.recalls && !(await recall(draft)))) return false;
  draft.parameters = concession.apply(draft.parameters);
  draft.conceded.push(concession);
  return true;
}

/** False if no earlier answer has anything to send back. */
async function recall(draft: Draft): Promise<boolean> {
  const { request, parameters, conceded } = draft;
  const messages = await request.recall?.();
  if (!messages?.some(({ reasoning, vendor }) => reasoning || vendor)) return false;
  const whole = toParameters({ ...request, messages });
  const spared = conceded.reduce((given, concession) => concession.apply(given), whole);
  draft.parameters = { ...parameters, messages: spared.messages };
  return true;
}

function createClient(options: OpenAIProviderOptions, fetch: typeof globalThis.fetch): OpenAI {
  return new OpenAI({
    // The SDK insists on a key; servers without one ignore it.
    apiKey: options.apiKey ?? 'none',
    baseURL: options.baseUrl ?? 'https://api.openai.com/v1',
    // Set so that the SDK does not read the environment by itself.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: options.totalTimeoutMs,
    fetch,
  });
}

function modelsOf({ defaultModel, models }: OpenAIProviderOptions): Map<string, ModelOptions> {
  const isListed = defaultModel === undefined || models.includes(defaultModel);
  const all = isListed ? models : [defaultModel, ...models];
  const known = all.map((model) => (typeof model === 'string' ? justNamed(model) : model));
  return new Map(known.map((model) => [model.id, model]));
}

/** A model of which only the name is known. */
const justNamed = (id: string): ModelOptions => ({
  id,
  upstreamId: id,
  name: id,
  aliases: [],
  context_window: null,
  max_output: null,
  vision: false,
  reasoning: false,
  price: null,
  fallback: [],
  thinkTags: false,
});

function offered(models: Iterable<ModelOptions>, provider: string): OfferedModel[] {
  return Array.from(models, ({ upstreamId: _, thinkTags: __, ...model }) => ({
    ...model,
    provider,
  }));
}
