import { aFunction, checkOptions, isObject, type OptionRule, text } from './check-options';
import { given } from './given';
import type { RunStats } from './run-observer';

/** Options of `emf` and `formatEmf`. */
export interface EmfOptions {
  /** The CloudWatch namespace: 1 to 255 characters, none of AWS's own (`AWS/…`). */
  readonly namespace: string;
  /**
   * Names (1 to 255 characters) and values (1 to 1 024) of the metrics' dimensions, printable ASCII, at most 30; each
   * combination of values is billed as metrics of its own. Default: none.
   */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** Takes the line, without a line break. Default: standard output, past the `console` that Lambda's runtime has patched. */
  write?(line: string): void;
}

const RULES = {
  namespace: text(
    '1 to 255 of A-Z a-z 0-9 . - _ / # :, and not begin with AWS/',
    /^(?!AWS\/)[\w.\-/#:]{1,255}$/,
  ),
  dimensions: ['an object of names and texts', (value) => isObject(value) && !Array.isArray(value)],
  write: aFunction,
} satisfies Record<string, OptionRule>;
/** CloudWatch drops the metrics, without a word, when a dimension is none of its own. */
const DIMENSION_NAME = /^(?!:)(?=.*\S)[ -~]{1,255}$/;
const DIMENSION_VALUE = /^(?=.*\S)[ -~]{1,1024}$/;
/** The format allows 30 dimensions in a set. */
const MAX_DIMENSIONS = 30;
/** Every name on the line that is not a dimension. */
const RESERVED =
  /^(_aws|threadId|runId|status|errorCode|outcome|Duration|TimeToFirst(Byte|Event|Text)|Events|Bytes|TextLength|Failures|Aborts|(In|Out)putTokens)$/;

/**
 * Makes an `onRunEnd` that writes each run's figures as one line of CloudWatch embedded metric format: CloudWatch Logs
 * turns it into metrics, without a dependency and without a call.
 *
 * Metrics: `Duration`, `TimeToFirstByte`, `TimeToFirstEvent`, `TimeToFirstText` (milliseconds), `Events`, `TextLength`,
 * `InputTokens`, `OutputTokens`, `Failures`, `Aborts` (counts), `Bytes`. Properties beside them: `threadId`, `runId`, `status`,
 * `errorCode`, `outcome`. Not a word of the run's content. Only log groups of AWS do anything with the line.
 *
 * @throws {TypeError | RangeError} At once, when an option is unknown, missing or out of bounds.
 *
 * @example
 * ```ts
 * import { emf, streamHandler } from '@magi/lambda-stream';
 *
 * export const handler = streamHandler(run, {
 *   authorize: null,
 *   onRunEnd: emf({ namespace: 'MagiStream', dimensions: { Stage: 'production' } }),
 * });
 * ```
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
 * @public
 */
export function emf(options: EmfOptions): (stats: RunStats) => void {
  check(options);
  const { write = (line: string) => void process.stdout.write(`${line}\n`) } = options;
  return (stats) => write(formatEmf(stats, options, Date.now()));
}

/**
 * Formats a run's figures as one line of CloudWatch embedded metric format, for those who write logs their own way.
 *
 * `timestampMs`: milliseconds since the epoch, no older than two weeks.
 *
 * @throws {TypeError | RangeError} When an option is unknown, missing or out of bounds.
 *
 * @example
 * ```ts
 * import { formatEmf } from '@magi/lambda-stream';
 *
 * const onRunEnd = (stats) => logger.raw(formatEmf(stats, { namespace: 'MagiStream' }, Date.now()));
 * ```
 * @public
 */
export function formatEmf(stats: RunStats, options: EmfOptions, timestampMs: number): string {
  check(options);
  const { namespace, dimensions = {} } = options;
  const metrics = metricsOf(stats);
  return JSON.stringify({
    _aws: {
      Timestamp: timestampMs,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: metrics.map(([Name, Unit]) => ({ Name, Unit })),
        },
      ],
    },
    threadId: stats.threadId,
    runId: stats.runId,
    status: stats.status,
    errorCode: stats.errorCode,
    outcome: stats.outcome,
    ...dimensions,
    ...Object.fromEntries(metrics.map(([name, , value]) => [name, value])),
  });
}

/** What was not measured is absent: a zero would lower the average. */
function metricsOf(stats: RunStats): [name: string, unit: string, value: number][] {
  const tokens = (field: 'inputTokens' | 'outputTokens') =>
    stats.usage.reduce((sum, entry) => sum + (entry[field] ?? 0), 0);
  const metrics: [string, string, number | undefined][] = [
    ['Duration', 'Milliseconds', stats.durationMs],
    ['TimeToFirstByte', 'Milliseconds', stats.firstByteMs],
    ['TimeToFirstEvent', 'Milliseconds', stats.firstEventMs],
    ['TimeToFirstText', 'Milliseconds', stats.firstTextMs],
    ['Events', 'Count', stats.events],
    ['Bytes', 'Bytes', stats.bytes],
    ['TextLength', 'Count', stats.textLength],
    ['Failures', 'Count', stats.status === 'failed' ? 1 : 0],
    ['Aborts', 'Count', stats.status === 'aborted' ? 1 : 0],
    ['InputTokens', 'Count', stats.usage.length === 0 ? undefined : tokens('inputTokens')],
    ['OutputTokens', 'Count', stats.usage.length === 0 ? undefined : tokens('outputTokens')],
  ];
  return metrics.filter((metric): metric is [string, string, number] => metric[2] !== undefined);
}

function check(options: EmfOptions): void {
  const action = 'Cannot format metrics';
  checkOptions(action, { namespace: undefined, ...given(options) }, RULES);
  const entries = Object.entries(options.dimensions ?? {});
  if (entries.length > MAX_DIMENSIONS) {
    throw new RangeError(`${action}: "dimensions" must have at most ${MAX_DIMENSIONS} entries`);
  }
  for (const [name, value] of entries) {
    if (!DIMENSION_NAME.test(name)) {
      throw new TypeError(
        `${action}: dimension "${name}" must be named by 1 to 255 printable ASCII characters, not a colon first`,
      );
    }
    if (typeof value !== 'string' || !DIMENSION_VALUE.test(value)) {
      throw new TypeError(
        `${action}: dimension "${name}" must have a text of 1 to 1024 printable ASCII characters`,
      );
    }
    if (RESERVED.test(name)) {
      throw new TypeError(`${action}: dimension "${name}" has the name of a metric or property`);
    }
  }
}
