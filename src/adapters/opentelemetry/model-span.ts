import { type Attributes, SpanKind, type Tracer } from '@opentelemetry/api';
import type { ModelSpan, TraceIds } from '../../ports/tracing.js';
import { errorTypeOf } from './attempt.js';
import { ATTRIBUTES, CHAT, EVENTS } from './names.js';
import { OpenSpan } from './spans.js';

type End = Parameters<ModelSpan['end']>[0];
type Whole = Extract<End, { usage: unknown }>;

/** One answer of a model. */
export class TracedModel implements ModelSpan {
  readonly trace: string;
  readonly ids: TraceIds;
  readonly #span: OpenSpan;
  #sentAt = performance.now();
  #hasText = false;
  #model: string;

  constructor(
    tracer: Tracer,
    parent: string | null,
    { model, provider }: { model: string; provider: string | null },
  ) {
    this.#model = model;
    const attributes = {
      [ATTRIBUTES.operation]: CHAT,
      [ATTRIBUTES.requestModel]: model,
      ...(provider !== null && { [ATTRIBUTES.provider]: provider }),
    };
    this.#span = new OpenSpan(tracer, {
      ...{ name: `${CHAT} ${model}`, kind: SpanKind.CLIENT, parent, attributes },
    });
    this.trace = this.#span.trace;
    this.ids = this.#span.ids;
  }

  sent(): void {
    this.#sentAt = performance.now();
    this.#span.happened(EVENTS.sent);
  }

  asks(model: string): void {
    if (model === this.#model) return;
    this.#model = model;
    this.#span.happened(EVENTS.another, { [ATTRIBUTES.requestModel]: model });
  }

  firstText(): void {
    if (this.#hasText) return;
    this.#hasText = true;
    const seconds = (performance.now() - this.#sentAt) / 1_000;
    this.#span.happened(EVENTS.firstText);
    this.#span.set({ [ATTRIBUTES.timeToFirstChunk]: seconds });
  }

  end(result: End): void {
    if ('error' in result) this.#span.fail(errorTypeOf(result.error));
    else if ('stopped' in result)
      this.#span.set({ [ATTRIBUTES.error]: errorTypeOf(result.stopped) });
    else this.#span.set({ [ATTRIBUTES.responseModel]: this.#model, ...usedBy(result) });
    this.#span.close();
  }
}

const usedBy = ({ usage, finishReason }: Whole): Attributes => ({
  ...(finishReason !== null && { [ATTRIBUTES.finishReasons]: [finishReason] }),
  ...(usage && {
    [ATTRIBUTES.inputTokens]: usage.prompt_tokens,
    [ATTRIBUTES.outputTokens]: usage.completion_tokens,
  }),
});
