import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

const VERSION = '00';

/**
 * The context of a span that another node, or a client, has named. Without one, or with a wrong one, a new trace
 * begins.
 */
export function contextOf(parent: string | null | undefined): Context {
  const found = parent ? parseTraceParent(parent) : null;
  return found ? trace.setSpanContext(ROOT_CONTEXT, { ...found, isRemote: true }) : ROOT_CONTEXT;
}

/**
 * Formats `traceparent` of W3C Trace Context. A span that is not sampled has one, too: it keeps the rest of the trace
 * from being sampled.
 */
export function traceParentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  const flags = (traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0');
  return `${VERSION}-${traceId}-${spanId}-${flags}`;
}
