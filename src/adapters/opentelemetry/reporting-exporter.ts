import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../../domain/logger.js';

const REPORT_EVERY_MS = 60_000;
const STOPPED = new Error('the node stopped first');

type End = (error?: Error) => void;

/** Logs failures of another exporter, at most one in a minute. Spans that were not accepted are gone. */
export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  readonly #underWay = new Set<End>();
  #reportedAt = Number.NEGATIVE_INFINITY;
  #lost = 0;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  /** Always succeeds in the eyes of the SDK, which would report failures in its own way. */
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const end: End = (error) => {
      if (!this.#underWay.delete(end)) return;
      if (error) this.#failed(spans.length, error);
      done({ code: ExportResultCode.SUCCESS });
    };
    this.#underWay.add(end);
    this.#exporter.export(spans, ({ code, error = new Error('unknown') }) =>
      code === ExportResultCode.SUCCESS ? end() : end(error),
    );
  }

  /** Ends all exports that are under way. */
  giveUp(): void {
    for (const end of this.#underWay) end(STOPPED);
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #failed(spans: number, error: Error): void {
    this.#lost += spans;
    const now = performance.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    const { code, message } = Object(error);
    this.#logger.warn(
      { lost: this.#lost, reason: String(code ?? message) },
      'traces were not sent',
    );
    this.#lost = 0;
  }
}
