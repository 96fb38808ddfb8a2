import { checkOptions } from './check-options';

/**
 * Four limits that run on their own timers, not when data happens to arrive. Milliseconds, above 0, up to 2 147 483 647 (24 days);
 * `Infinity` turns one off. Defaults shrink to fit a shorter `totalMs`; limits that contradict each other are a RangeError.
 */
export interface TimeoutOptions {
  /** From a request to its response headers, credentials included. Default: 30 000 (30 seconds). */
  readonly connectMs?: number;
  /** From the run's start to its first event. At least `connectMs`. Default: 60 000 (1 minute). */
  readonly firstEventMs?: number;
  /**
   * Between two signs of life, comments included, while somebody reads. Must exceed the server's keep-alive interval.
   * Default: 45 000 (45 seconds, three keep-alives of lambda-stream).
   */
  readonly idleMs?: number;
  /** The whole run, reconnects and slow reading included. At least each of the others. Default: 900 000 (15 minutes, Lambda's longest). */
  readonly totalMs?: number;
}

export type Timeouts = Required<TimeoutOptions>;

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Fills in the defaults. Throws a RangeError for a limit that is out of bounds or that can never be reached. */
export function resolveTimeouts(options: TimeoutOptions): Timeouts {
  checkOptions('timeouts', options, ['connectMs', 'firstEventMs', 'idleMs', 'totalMs']);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== Infinity && !(value > 0 && value <= MAX_TIMER_MS)) {
      throw new RangeError(
        `"timeouts.${name}" must be a number of milliseconds above 0, got "${value}"`,
      );
    }
  }
  const { totalMs = 900_000 } = options;
  const { connectMs = Math.min(30_000, options.firstEventMs ?? totalMs, totalMs) } = options;
  const { firstEventMs = Math.min(Math.max(60_000, connectMs), totalMs) } = options;
  const { idleMs = Math.min(45_000, totalMs) } = options;
  const nested = (inner: string, innerMs: number, outer: string, outerMs: number) => {
    if (innerMs > outerMs && innerMs < Infinity) {
      throw new RangeError(
        `"timeouts.${inner}" (${innerMs}) must not exceed "timeouts.${outer}" (${outerMs})`,
      );
    }
  };
  nested('connectMs', connectMs, 'firstEventMs', firstEventMs);
  nested('firstEventMs', firstEventMs, 'totalMs', totalMs);
  nested('idleMs', idleMs, 'totalMs', totalMs);
  return { connectMs, firstEventMs, idleMs, totalMs };
}
