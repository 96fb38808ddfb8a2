import type { Clock } from './clock';
import type { TimeoutError, TimeoutPhase } from './errors';
import { timeoutError } from './timeouts';

/** Limits waits that follow each other, one at a time. */
export interface WaitLimit {
  /** A wait begins: `onReached` is called when it has taken so long. */
  start(phase: TimeoutPhase, limitMs: number, onReached: (error: TimeoutError) => void): void;
  /** The wait is over. */
  end(): void;
  /** Leaves no timer behind, from the end of the wait that is going on. */
  close(): void;
}

/** One timer serves many waits, or one that `isOnly`: it is moved when it fires, because setting one for each read costs more than the read. */
export function createWaitLimit(clock: Clock, isOnly = false): WaitLimit {
  let isLast = isOnly;
  let timer: unknown;
  let timerMs = Infinity;
  let dueMs = Infinity;
  let reached = () => {};

  function move(): void {
    if (dueMs >= timerMs) return;
    clock.clearTimeout(timer);
    timerMs = dueMs;
    timer = clock.setTimeout(() => {
      timerMs = Infinity;
      // One that is never moved does not ask a clock that may have been set back.
      if (!isOnly && clock.now() < dueMs) move();
      else reached();
    }, dueMs - clock.now());
  }
  function end(): void {
    dueMs = Infinity;
    if (!isLast) return;
    clock.clearTimeout(timer);
    timerMs = Infinity;
  }
  return {
    start(phase, limitMs, onReached) {
      dueMs = clock.now() + limitMs;
      reached = () => onReached(timeoutError(phase, limitMs));
      move();
    },
    end,
    close() {
      isLast = true;
      if (dueMs === Infinity) end();
    },
  };
}
