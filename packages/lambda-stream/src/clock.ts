/**
 * Where time comes from. Everything in this package that waits takes a clock, so that tests decide when time passes.
 *
 * @public
 */
export interface Clock {
  /** A monotonic reading in milliseconds; only differences mean anything. */
  now(): number;
  /** Calls back once after `delayMs`; the returned handle is for `clearTimeout` only. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  // Looked up per call: a test runner's fake timers replace the globals after this module was loaded.
  setTimeout: (callback, delayMs) => globalThis.setTimeout(callback, delayMs),
  clearTimeout: (handle) => globalThis.clearTimeout(handle as ReturnType<typeof setTimeout>),
};
