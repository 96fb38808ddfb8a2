import { checkOptions, numberFrom } from './check-options';
import type { Clock } from './clock';
import { systemClock } from './clock';

export interface KeepAliveOptions {
  /** How long nothing may be sent before `send` is called, milliseconds, 1 or more. */
  readonly intervalMs: number;
  /** Sends something that the reader ignores: an SSE comment. What it throws is not told, and ends the keep-alive. */
  send(): void;
  /** Where time comes from; default the machine's clock. For tests. */
  readonly clock?: Clock;
}

/** A running keep-alive. */
export interface KeepAlive {
  /** Something was sent just now: the interval starts again. Costs no timer. */
  touch(): void;
  /** Ends it. A timer that is left running would hold back the next Lambda invocation. */
  stop(): void;
}

/**
 * Calls `send` whenever nothing was sent for `intervalMs`, until stopped.
 *
 * Does not know whether the reader is behind: `send` decides whether to skip.
 *
 * @throws {TypeError | RangeError} At once, when `intervalMs` is no number from 1 up.
 *
 * @example
 * ```ts
 * import { keepAlive } from '@magi/lambda-stream';
 *
 * const alive = keepAlive({ intervalMs: 15_000, send: () => stream.write(': keep-alive\n\n') });
 * try { for await (const text of answer) { stream.write(text); alive.touch(); } } finally { alive.stop(); }
 * ```
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes
 */
export function keepAlive(options: KeepAliveOptions): KeepAlive {
  const { intervalMs } = options;
  checkOptions('Cannot keep alive', { intervalMs }, { intervalMs: numberFrom(1) });
  return startKeepAlive(options);
}

/** As `keepAlive`, for a caller that has checked its options. */
export function startKeepAlive({
  intervalMs,
  send,
  clock = systemClock,
}: KeepAliveOptions): KeepAlive {
  let touchedAt = clock.now();
  let timer: unknown;
  const arm = (delayMs: number): void => {
    timer = clock.setTimeout(look, delayMs);
  };
  const look = (): void => {
    const restMs = touchedAt + intervalMs - clock.now();
    arm(restMs > 0 ? restMs : intervalMs);
    if (restMs > 0) return;
    touchedAt = clock.now();
    // In a timer, what is thrown or rejected would end the process.
    try {
      Promise.resolve(send()).catch(stop);
    } catch {
      stop();
    }
  };
  const stop = (): void => clock.clearTimeout(timer);
  arm(intervalMs);
  return {
    touch: () => {
      touchedAt = clock.now();
    },
    stop,
  };
}
