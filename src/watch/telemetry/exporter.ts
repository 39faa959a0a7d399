import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { SpanOf } from './spans.ts';

/** Where telemetry goes: the base address of an OTLP/HTTP receiver, or that of its traces, and headers with their secrets looked up. */
export interface TelemetryPlace {
  readonly otlp: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes spans and sends them; what is too much, or cannot be sent, is dropped and counted. */
export interface SpanSink {
  readonly dropped: number;
  send(span: SpanOf): void;
  /** Sends what waits, within its time. */
  end(): Promise<void>;
}

/** The address of traces below a base; one that names it already stays, for both are what people have at hand. */
const tracesOf = (otlp: string): string => `${otlp.replace(/(?:\/v1\/traces)?\/*$/, '')}/v1/traces`;

/**
 * The official SDK over OTLP/HTTP (JSON), loaded only here: whoever configures no telemetry pays nothing for it. It is
 * given its address and headers, and is no global provider.
 */
export async function openSpanSink(place: TelemetryPlace, version: string): Promise<SpanSink> {
  const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const otlp = new OTLPTraceExporter({
    url: tracesOf(place.otlp),
    headers: { ...place.headers },
    timeoutMillis: LIMITS.telemetryMs,
    // A flush sends all that waits at once; beyond this many requests the SDK would drop them.
    concurrencyLimit: Math.ceil(LIMITS.telemetrySpans / LIMITS.telemetryBatch) + 1,
  });
  let [waiting, dropped] = [0, 0];
  const counting: typeof otlp.export = (spans, done) =>
    otlp.export(spans, (result) => {
      waiting -= spans.length;
      if (result.code !== 0) dropped += spans.length;
      done(result);
    });
  const processor = new BatchSpanProcessor({
    exporter: { export: counting, shutdown: () => otlp.shutdown(), forceFlush: () => otlp.forceFlush() },
    // One more than ever waits here, so that the SDK drops nothing uncounted.
    maxQueueSize: LIMITS.telemetrySpans + 1,
    maxExportBatchSize: LIMITS.telemetryBatch,
    scheduledDelayMillis: LIMITS.followEveryMs,
    exportTimeoutMillis: LIMITS.telemetryMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'lanyard', 'service.version': version }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('lanyard', version);
  return {
    get dropped() {
      return dropped;
    },
    send({ name, kind, startMs, endMs, attributes, error }) {
      if (waiting >= LIMITS.telemetrySpans) {
        dropped++;
        return;
      }
      waiting++;
      const span = tracer.startSpan(name, { kind: KINDS[kind], startTime: startMs, attributes, root: true });
      if (error !== undefined) span.setStatus({ code: ERROR, message: error });
      span.end(endMs);
    },
    async end() {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, pause(LIMITS.telemetryEndMs, undefined, { ref: false })]);
      dropped += waiting;
      waiting = 0;
    },
  };
}

/** SpanKind and SpanStatusCode of the API, as numbers: its enums are values that would have to be loaded. */
const KINDS = { internal: 0, server: 1 } as const;
const ERROR = 2;
