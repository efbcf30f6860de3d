import {
  type Span as ApiSpan,
  type Attributes,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { Span, TraceIds } from '../../ports/tracing.js';
import { ATTRIBUTES } from './names.js';
import { contextOf, traceParentOf } from './trace-parent.js';

export interface SpanOptions {
  name: string;
  kind: SpanKind;
  /** A `traceparent`. */
  parent: string | null | undefined;
  attributes: Attributes;
  /** Time in ms since the epoch; now unless given. */
  startTime?: number;
}

/** One span of OpenTelemetry, as the rest of the product knows it. */
export class OpenSpan implements Span {
  readonly trace: string;
  readonly ids: TraceIds;
  readonly #span: ApiSpan;

  constructor(tracer: Tracer, { name, kind, parent, attributes, startTime }: SpanOptions) {
    const options = { kind, attributes, ...(startTime !== undefined && { startTime }) };
    this.#span = tracer.startSpan(name, options, contextOf(parent));
    const context = this.#span.spanContext();
    this.trace = traceParentOf(context);
    this.ids = { trace_id: context.traceId, span_id: context.spanId };
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  happened(name: string, attributes: Attributes = {}): void {
    this.#span.addEvent(name, attributes);
  }

  /** `type`: a code. Messages may quote texts. */
  fail(type: string): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.setAttribute(ATTRIBUTES.error, type);
  }

  /** `at`: in ms since the epoch; now unless given. */
  close(at?: number): void {
    this.#span.end(at);
  }
}
