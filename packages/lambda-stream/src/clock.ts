/**
 * Where time comes from. Everything in this package that waits takes a clock, so that tests decide when time passes.
 *
 * @public
 */
export interface Clock {
  /** A monotonic reading in milliseconds; only differences mean anything. */
  now(): number;
  /** Calls back once after `delayMs`, which may be `Infinity`; sooner only where a timer cannot take that long. The returned handle is for `clearTimeout` only. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The longest delay a timer takes (24.8 days); beyond it, Node would call back at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  // Looked up per call: a test runner's fake timers replace the globals after this module was loaded.
  setTimeout: (callback, delayMs) =>
    globalThis.setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS)),
  clearTimeout: (handle) => globalThis.clearTimeout(handle as ReturnType<typeof setTimeout>),
};
