import { context, propagation } from '@opentelemetry/api';

/**
 * Returns the headers (`traceparent`, `tracestate`, `baggage`) that carry the active trace to an upstream service.
 *
 * Empty without an SDK, and outside a run or another active span. Call it inside the run, not at the top of the module.
 *
 * @example
 * ```ts
 * import { traceHeaders } from '@magi/lambda-stream/otel';
 *
 * const response = await fetch('https://agents.example.com/run', { headers: traceHeaders() });
 * ```
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 * @public
 */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}
