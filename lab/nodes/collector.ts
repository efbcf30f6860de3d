import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it was sent. */
export interface SentSpan {
  traceId: string;
  spanId: string;
  /** Empty: the span is the first of its trace. */
  parentSpanId: string;
  name: string;
  attributes: Record<string, unknown>;
  /** Names, in order. */
  events: string[];
  /** Time in ms since the epoch. */
  from: number;
  to: number;
  failed: boolean;
  /** The resource of the sender. */
  resource: Record<string, unknown>;
}

/** A real OTLP receiver on a free loopback port. It reads JSON, and keeps other bodies as they are. */
export interface Collector {
  /** The value of `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  url: string;
  requests: { path: string; headers: IncomingHttpHeaders; body: Buffer }[];
  /** All spans so far, in the order of their beginnings. */
  spans(): SentSpan[];
  /** Makes it accept requests without responding. */
  mute(): void;
  stop(): Promise<void>;
}

interface Value {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values: Value[] };
}
type Pairs = { key: string; value: Value }[];

interface Body {
  resourceSpans: {
    resource: { attributes: Pairs };
    scopeSpans: { spans: WireSpan[] }[];
  }[];
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: Pairs;
  events?: { name: string }[];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code?: number };
}

const FAILED = 2;
const NS_PER_MS = 1_000_000n;

function readValue({ arrayValue, ...value }: Value): unknown {
  if (arrayValue) return arrayValue.values.map(readValue);
  const [[kind, given] = []] = Object.entries(value);
  return kind === 'intValue' ? Number(given) : given;
}

const objectOf = (pairs: Pairs) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, readValue(value)]));

const msOf = (nanoseconds: string): number => Number(BigInt(nanoseconds) / NS_PER_MS);

const spanOf = (span: WireSpan, resource: Record<string, unknown>): SentSpan => ({
  ...{ traceId: span.traceId, spanId: span.spanId, name: span.name, resource },
  parentSpanId: span.parentSpanId ?? '',
  attributes: objectOf(span.attributes),
  events: (span.events ?? []).map(({ name }) => name),
  from: msOf(span.startTimeUnixNano),
  to: msOf(span.endTimeUnixNano),
  failed: span.status?.code === FAILED,
});

const spansIn = ({ resourceSpans }: Body): SentSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => spanOf(span, objectOf(resource.attributes))),
    ),
  );

export async function startCollector(): Promise<Collector> {
  const requests: Collector['requests'] = [];
  const spans: SentSpan[] = [];
  let isMute = false;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { url: path = '', headers } = request;
    requests.push({ path, headers, body });
    if (headers['content-type']?.includes('json')) spans.push(...spansIn(JSON.parse(String(body))));
    if (!isMute) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () => spans.toSorted((a, b) => a.from - b.from),
    mute: () => {
      isMute = true;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/**
 * The names of spans below their parents, each indented, in the order of their middles. The beginnings that two nodes
 * report are some milliseconds inexact, so a short span may seem to begin after a long one that follows it.
 */
export function treeOf(spans: readonly SentSpan[], show = ({ name }: SentSpan) => name): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter((span) => (known.has(span.parentSpanId) ? span.parentSpanId : '') === parent)
      .toSorted((a, b) => a.from + a.to - b.from - b.to)
      .flatMap((span) => [`${'  '.repeat(depth)}${show(span)}`, ...below(span.spanId, depth + 1)]);
  return below('', 0);
}
