import { SpanKind, type Tracer } from '@opentelemetry/api';
import type { AttemptResult, AttemptSpan, TracedClaim, TraceIds } from '../../ports/tracing.js';
import { ATTRIBUTES, SPANS } from './names.js';
import { OpenSpan } from './spans.js';

/** Results that an operator should look at. */
const FAILURES: ReadonlySet<AttemptResult> = new Set<AttemptResult>([
  'failed',
  'interrupted',
  'lost',
  'error',
]);

/** Traces one attempt. Its spans begin with the claim. The claiming code reports at once what came before. */
export class TracedAttempt implements AttemptSpan {
  readonly trace: string;
  readonly ids: TraceIds;
  readonly #tracer: Tracer;
  readonly #node: string;
  readonly #span: OpenSpan;

  constructor(tracer: Tracer, nodeId: string, claim: TracedClaim) {
    const attributes = attributesOf(claim, nodeId);
    tellBefore(tracer, claim, attributes);
    this.#tracer = tracer;
    this.#node = nodeId;
    this.#span = new OpenSpan(tracer, {
      name: SPANS.attempt,
      kind: SpanKind.CONSUMER,
      parent: claim.trace?.parent,
      attributes,
    });
    this.trace = this.#span.trace;
    this.ids = this.#span.ids;
  }

  ending<T>(work: () => Promise<T>): Promise<T> {
    return withinEnd(this.#tracer, { parent: this.trace, node: this.#node }, work);
  }

  result(result: AttemptResult): void {
    this.#span.set({ [ATTRIBUTES.result]: result });
    if (FAILURES.has(result)) this.#span.fail(result);
  }

  end(): void {
    this.#span.close();
  }
}

/** Runs the storing and announcing of an end, or what is left of it, in a span. */
export async function withinEnd<T>(
  tracer: Tracer,
  { parent, node }: { parent: string; node: string },
  work: () => Promise<T>,
): Promise<T> {
  const attributes = { [ATTRIBUTES.node]: node };
  const options = { name: SPANS.end, kind: SpanKind.INTERNAL, parent, attributes };
  const span = new OpenSpan(tracer, options);
  try {
    return await work();
  } catch (error) {
    span.fail(errorTypeOf(error));
    throw error;
  } finally {
    span.close();
  }
}

const attributesOf = ({ kind, attempt, trace, ...ids }: TracedClaim, nodeId: string) => ({
  [ATTRIBUTES.kind]: kind,
  [ATTRIBUTES.node]: nodeId,
  [ATTRIBUTES.attempt]: attempt,
  [ATTRIBUTES.isTakeover]: trace?.lost != null,
  ...(ids.conversationId !== undefined && { [ATTRIBUTES.conversation]: ids.conversationId }),
  ...(ids.messageId !== undefined && { [ATTRIBUTES.message]: ids.messageId }),
});

/**
 * The node of a lost attempt is dead, or does not know yet that it lost it. Its own span, if it sends one, has another
 * name.
 */
function tellBefore(
  tracer: Tracer,
  { trace }: TracedClaim,
  attributes: ReturnType<typeof attributesOf>,
): void {
  if (!trace) return;
  const { parent, sinceMs, lost } = trace;
  const now = Date.now();
  const open = (name: string, from: number, more = {}) =>
    new OpenSpan(tracer, {
      ...{ name, kind: SpanKind.INTERNAL, parent, startTime: now - from },
      attributes: { ...attributes, ...more },
    });
  if (lost) {
    const { nodeId, attempt, expiredMs } = lost;
    const was = { [ATTRIBUTES.node]: nodeId, [ATTRIBUTES.attempt]: attempt };
    const span = open(SPANS.lostAttempt, sinceMs, { ...was, [ATTRIBUTES.isTakeover]: false });
    span.fail('lost');
    span.close(now - expiredMs);
  }
  open(SPANS.wait, lost ? lost.expiredMs : sinceMs).close(now);
}

/** A code or the name of a class. The codes of the runtime's own aborts are numbers, which say nothing. */
export function errorTypeOf(error: unknown): string {
  const { code, name } = Object(error);
  return String(typeof code === 'string' ? code : (name ?? 'unknown'));
}
