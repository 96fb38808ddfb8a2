/**
 * Four limits that run on their own timers, not when data happens to arrive. All in milliseconds, greater than 0;
 * `Infinity` turns one off.
 */
export interface TimeoutOptions {
  /** From the request to the response headers. Default: 10 000 (10 seconds). */
  readonly connectMs?: number;
  /** From the request to the first event. At least `connectMs`. Default: 30 000 (30 seconds). */
  readonly firstEventMs?: number;
  /** Between two signs of life, comments included. Must exceed the server's keep-alive interval. Default: 45 000 (45 seconds). */
  readonly idleMs?: number;
  /** The whole run, reconnects included. At least each of the others. Default: 900 000 (15 minutes, Lambda's longest). */
  readonly totalMs?: number;
}
