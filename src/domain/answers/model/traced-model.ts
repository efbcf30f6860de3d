import type { TokenCounts } from '../../../ports/completion-provider.js';
import type { ModelSpan, Tracing } from '../../../ports/tracing.js';
import type { ModelCatalog } from './model-catalog.js';

export interface TracedModelDeps {
  tracing: Pick<Tracing, 'model'>;
  models: Pick<ModelCatalog, 'providerOf'>;
}

interface End {
  usage: TokenCounts | null;
  finishReason: string | null;
}

/** Runs `ask` within a span of its own, below `parent`. */
export async function tracedModel<E extends End>(
  { tracing, models }: TracedModelDeps,
  parent: string | null,
  { model, signal }: { model: string; signal: AbortSignal },
  ask: (span: ModelSpan) => Promise<E>,
): Promise<E> {
  const span = tracing.model(parent, { model, provider: models.providerOf(model) });
  try {
    const end = await ask(span);
    span.end(end);
    return end;
  } catch (error) {
    span.end(signal.aborted ? { stopped: signal.reason } : { error });
    throw error;
  }
}

/** The parts of a span that a provider gets. */
export const toldTo = (span: ModelSpan) => ({ sent: () => span.sent(), trace: span.trace });
