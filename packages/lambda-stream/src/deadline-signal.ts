import { AgentStreamError } from './agent-stream-error';
import type { Clock } from './clock';
import { MAX_TIMER_MS, systemClock } from './clock';

export interface DeadlineOptions {
  /** Milliseconds until the platform ends the invocation: `context.getRemainingTimeInMillis`. */
  remainingTimeMs(): number;
  /**
   * How long before that the signal aborts, milliseconds, 0 or more; default 2 000. Never more than half of the time that
   * is left at the start, so that a short timeout still leaves time to run.
   */
  readonly marginMs?: number;
  /** Where time comes from; default the machine's clock. For tests. */
  readonly clock?: Clock;
}

export interface Deadline {
  /** Aborts at the deadline; its reason is an `AgentStreamError` with code `DEADLINE_EXCEEDED`. */
  readonly signal: AbortSignal;
  /** Ends the timer. A timer that is left running would hold back the next Lambda invocation. */
  dispose(): void;
}

/**
 * Makes a signal that aborts a margin before the invocation's time is up.
 *
 * Does not stop anything itself: hand the signal to what should stop.
 *
 * @example
 * ```ts
 * import { deadlineSignal } from '@magi/lambda-stream';
 *
 * const deadline = deadlineSignal({ remainingTimeMs: () => context.getRemainingTimeInMillis() });
 * try { await fetch(url, { signal: deadline.signal }); } finally { deadline.dispose(); }
 * ```
 */
export function deadlineSignal(options: DeadlineOptions): Deadline {
  const controller = new AbortController();
  const dispose = onDeadline(options, (reason) => controller.abort(reason));
  return { signal: controller.signal, dispose };
}

/** Calls back at the deadline, at once when the time is over already. Returns what ends the timer. */
export function onDeadline(
  { remainingTimeMs, marginMs = 2_000, clock = systemClock }: DeadlineOptions,
  callback: (reason: AgentStreamError) => void,
): () => void {
  const leftMs = remainingTimeMs();
  const delayMs = Math.max(leftMs - marginMs, leftMs / 2, 0);
  const expire = (): void =>
    callback(new AgentStreamError('The agent ran out of time', { code: 'DEADLINE_EXCEEDED' }));
  let timer: unknown;
  if (delayMs === 0) expire();
  else if (delayMs <= MAX_TIMER_MS) timer = clock.setTimeout(expire, delayMs);
  return () => clock.clearTimeout(timer);
}
