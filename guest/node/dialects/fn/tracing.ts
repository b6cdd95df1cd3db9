/** `ctx.tracingContext`, from the call's W3C `traceparent`. */
export interface TracingContext {
  /** Whether the author switched OCI's tracing on: OCI_TRACING_ENABLED=1. */
  readonly isEnabled: boolean;
  readonly traceCollectorUrl: string | undefined;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly sampled: boolean;
  readonly flags: string | null;
  /** `APP::FUNCTION`. */
  readonly serviceName: string;
}

export function tracingContext(
  traceparent: string,
  config: Readonly<Record<string, string | undefined>>,
): TracingContext {
  const [, traceId = null, spanId = null, flags = null] = traceparent.split('-');
  return {
    isEnabled: config.OCI_TRACING_ENABLED === '1',
    traceCollectorUrl: config.OCI_TRACE_COLLECTOR_URL,
    traceId,
    spanId,
    parentSpanId: null,
    sampled: Number.parseInt(flags ?? '0', 16) % 2 === 1,
    flags,
    serviceName: `${config.FN_APP_NAME}::${config.FN_FN_NAME}`.toLowerCase(),
  };
}
