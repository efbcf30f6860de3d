import { type Attributes, SpanKind, type Tracer } from '@opentelemetry/api';
import type { CallSpan, Tracing } from '../../ports/tracing.js';
import { TracedAttempt, withinEnd } from './attempt.js';
import { TracedModel } from './model-span.js';
import { ATTRIBUTES, SPANS } from './names.js';
import { OpenSpan } from './spans.js';

const SERVER_ERROR = 500;
const CLIENT_ERROR = 400;
/** Errors of an event that are not its client's. */
const OWN_ERRORS: ReadonlySet<string> = new Set(['internal', 'unavailable']);

/** Spans of this node, from whatever SDK gives `tracer`. */
export function createTracing(tracer: Tracer, nodeId: string): Tracing {
  const call = (name: string, parent: string | undefined, attributes: Attributes): CallSpan => {
    const span = new OpenSpan(tracer, {
      ...{ name, kind: SpanKind.SERVER, parent },
      attributes: { ...attributes, [ATTRIBUTES.node]: nodeId },
    });
    const { trace, ids } = span;
    return {
      ...{ trace, ids },
      end(result) {
        if ('status' in result) {
          span.set({ [ATTRIBUTES.status]: result.status });
          if (result.status >= SERVER_ERROR) span.fail(String(result.status));
        } else if (result.error !== null) {
          span.set({ [ATTRIBUTES.error]: result.error });
          if (OWN_ERRORS.has(result.error)) span.fail(result.error);
        }
        span.close();
      },
    };
  };

  return {
    request: ({ method, route, parent }) =>
      call(`${method} ${route}`, parent, {
        [ATTRIBUTES.method]: method,
        [ATTRIBUTES.route]: route,
      }),
    event: (name) => call(name, undefined, { [ATTRIBUTES.event]: name }),
    attempt: (claim) => new TracedAttempt(tracer, nodeId, claim),
    ending: (parent, work) =>
      parent === null ? work() : withinEnd(tracer, { parent, node: nodeId }, work),
    model: (parent, asked) => new TracedModel(tracer, parent, asked),
    webhook(parent, { attempt }) {
      const span = new OpenSpan(tracer, {
        ...{ name: SPANS.webhook, kind: SpanKind.CLIENT, parent },
        attributes: { [ATTRIBUTES.node]: nodeId, [ATTRIBUTES.attempt]: attempt },
      });
      const { trace, ids } = span;
      return {
        ...{ trace, ids },
        end({ status, problem }) {
          if (status !== null) span.set({ [ATTRIBUTES.status]: status });
          if (status === null || status >= CLIENT_ERROR) span.fail(problem ?? String(status));
          span.close();
        },
      };
    },
  };
}
