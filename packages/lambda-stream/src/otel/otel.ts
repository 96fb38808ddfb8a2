import type { Attributes, Context, MeterProvider, TracerProvider } from '@opentelemetry/api';
import { context, metrics, propagation, SpanKind, trace } from '@opentelemetry/api';
import type { ObserveRun } from '../run-observer';
import { GEN_AI, modelAttributes, usageAttributes } from './attributes';
import type { Instruments } from './instruments';
import { createInstruments } from './instruments';
import { startOperation } from './operation';
import { createRunOperations, finishReason } from './run-operations';

/** Options of `otel`. */
export interface OtelOptions {
  /** Names the run: the span becomes `invoke_workflow NAME`, and agents that have no name of their own are called so. Default: no name. */
  readonly name?: string;
  /** Puts answer text, tool arguments and tool results on spans, at most 16 384 characters each. Default `false`. */
  readonly captureContent?: boolean;
  /** On every span and metric: keep the number of distinct values small. Default: none. */
  readonly attributes?: Attributes;
  /** Default: the global one at the time of the first run. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the global one at the time of the first run. */
  readonly meterProvider?: MeterProvider;
}

const OPTIONS = ['name', 'captureContent', 'attributes', 'tracerProvider', 'meterProvider'];
const SCOPE = '@magi/lambda-stream';

/**
 * Watches runs with OpenTelemetry, in the names of the GenAI conventions: give it to a handler's `observers`.
 *
 * Spans: `invoke_workflow` for the run, `invoke_agent` for each agent in it, `execute_tool` for each tool call. Metrics:
 * durations of all three, time to first chunk, time per output chunk, tokens. A `traceparent` header of the request becomes the parent
 * unless a span is active already; the run's span is active inside the run, so `traceHeaders` and instrumented clients carry it on.
 *
 * No prompt, answer, tool argument or error message is recorded unless `captureContent` is set; the input never is. The
 * conventions are in development: names may change with them. Nothing is exported here, and on Lambda a span processor must
 * flush before the invocation ends: that is the SDK's part. Without an SDK nothing happens.
 *
 * The provider and the model of an agent are those of the usage that it reports; where it reports none, give
 * `gen_ai.provider.name` in `attributes`.
 *
 * @throws {TypeError} At once, when an option is unknown.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 * import { otel } from '@magi/lambda-stream/otel';
 *
 * export const handler = streamHandler(run, { authorize: null, observers: [otel({ name: 'magi' })] });
 * ```
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 * @public
 */
export function otel(options: OtelOptions = {}): ObserveRun {
  for (const key of Object.keys(options)) {
    if (!OPTIONS.includes(key)) throw new TypeError(`Cannot observe runs: unknown option "${key}"`);
  }
  const { name, captureContent = false, attributes: common = {} } = options;
  // Not before the first run: the API hands out meters that stay silent until a provider is registered.
  let instruments: Instruments | undefined;

  return ({ threadId, headers, startedAtMs }) => {
    const tracer = (options.tracerProvider ?? trace).getTracer(SCOPE);
    instruments ??= createInstruments((options.meterProvider ?? metrics).getMeter(SCOPE));
    const known = instruments;
    const attributes = {
      ...common,
      [GEN_AI.operation]: 'invoke_workflow',
      ...(name !== undefined && { [GEN_AI.workflow]: name }),
    };
    const run = startOperation(tracer, known, {
      name: name === undefined ? 'invoke_workflow' : `invoke_workflow ${name}`,
      kind: SpanKind.INTERNAL,
      parent: parentOf(headers),
      attributes,
      details: { [GEN_AI.conversation]: threadId, [GEN_AI.stream]: true },
      startedAt: performance.now() - (Date.now() - startedAtMs),
      duration: known.workflowDuration,
    });
    const inside = createRunOperations(tracer, known, run, { name, common, captureContent });
    return {
      wrap: (start) => context.with(run.context, start),
      onEvent: inside.take,
      onEnd({ status, errorCode, outcome, usage }) {
        const errorType = status === 'finished' ? undefined : (errorCode ?? status);
        inside.endAll(errorType);
        for (const entry of usage) {
          const model = { ...attributes, ...modelAttributes([entry]) };
          for (const [type, count] of [
            ['input', entry.inputTokens],
            ['output', entry.outputTokens],
          ] as const) {
            if (count !== undefined) {
              known.tokens.record(count, { ...model, [GEN_AI.tokenType]: type }, run.context);
            }
          }
        }
        run.end(performance.now(), errorType, {
          ...usageAttributes(usage),
          [GEN_AI.finishReasons]: [finishReason(outcome, errorType)],
        });
      },
    };
  };
}

function parentOf(headers: Readonly<Record<string, string>>): Context {
  const active = context.active();
  return trace.getSpan(active) === undefined ? propagation.extract(active, headers) : active;
}
