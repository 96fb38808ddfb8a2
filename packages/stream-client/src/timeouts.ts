import { TimeoutError, type TimeoutPhase } from './errors';
import { checkOrder, withDefaults } from './with-defaults';

/**
 * Four limits that run on their own timers, not when data happens to arrive. Milliseconds, at least 1, up to 2 147 483 647 (24 days);
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

const TOTAL_MS = 900_000;

/** Fills in the defaults. Throws a RangeError for a limit that is out of bounds or that can never be reached. */
export function resolveTimeouts(options: TimeoutOptions): Timeouts {
  const { totalMs = TOTAL_MS, firstEventMs = totalMs, connectMs = 0 } = options;
  const timeouts = withDefaults(
    'timeouts.',
    options,
    {
      connectMs: Math.min(30_000, firstEventMs, totalMs),
      firstEventMs: Math.min(Math.max(60_000, connectMs), totalMs),
      idleMs: Math.min(45_000, totalMs),
      totalMs: TOTAL_MS,
    },
    1,
  );
  checkOrder('timeouts.', timeouts, 'connectMs', 'firstEventMs');
  checkOrder('timeouts.', timeouts, 'firstEventMs', 'totalMs');
  checkOrder('timeouts.', timeouts, 'idleMs', 'totalMs');
  return timeouts;
}

export function timeoutError(phase: TimeoutPhase, limitMs: number): TimeoutError {
  const message = `Run timed out: "${phase}" took more than ${limitMs} ms`;
  return new TimeoutError(message, { phase, limitMs });
}
