import { checkOptions, checkOrder, type Rule } from './check-options';
import type { Clock } from './clock';
import { TimeoutError, type TimeoutPhase } from './errors';

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

const milliseconds: Rule = (value) =>
  value !== Infinity &&
  !((value as number) > 0 && (value as number) <= MAX_TIMER_MS) &&
  `milliseconds above 0, at most ${MAX_TIMER_MS}, or Infinity`;

/** Fills in the defaults. Throws a RangeError for a limit that is out of bounds or that can never be reached. */
export function resolveTimeouts(options: TimeoutOptions = {}): Timeouts {
  checkOptions('timeouts.', options, {
    connectMs: milliseconds,
    firstEventMs: milliseconds,
    idleMs: milliseconds,
    totalMs: milliseconds,
  });
  const { totalMs = 900_000 } = options;
  const { connectMs = Math.min(30_000, options.firstEventMs ?? totalMs, totalMs) } = options;
  const { firstEventMs = Math.min(Math.max(60_000, connectMs), totalMs) } = options;
  const { idleMs = Math.min(45_000, totalMs) } = options;
  const timeouts = { connectMs, firstEventMs, idleMs, totalMs };
  for (const [inner, outer] of [
    ['connectMs', 'firstEventMs'],
    ['firstEventMs', 'totalMs'],
    ['idleMs', 'totalMs'],
  ] as const) {
    if (timeouts[inner] < Infinity) checkOrder('timeouts.', timeouts, inner, outer);
  }
  return timeouts;
}

/** Calls `onReached` once the limit is reached. Returns the timer to clear; none for an infinite limit. */
export function startLimit(
  clock: Clock,
  phase: TimeoutPhase,
  limitMs: number,
  onReached: (error: TimeoutError) => void,
): unknown {
  if (limitMs === Infinity) return undefined;
  return clock.setTimeout(() => onReached(new TimeoutError(phase, limitMs)), limitMs);
}
