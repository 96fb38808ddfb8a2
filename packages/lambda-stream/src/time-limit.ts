import type { Clock } from './clock';

/** Options of the doors where no platform limits how long a request takes. */
export interface HostOptions {
  /** How long a request may take, as a Lambda timeout would: `remainingTimeMs()` counts down from it. Milliseconds, 1 or more. Default: 900 000 (15 minutes, Lambda's most). */
  readonly timeoutMs?: number;
}

/** Checks the option and returns what starts the countdown of one request. */
export function timeLimit(timeoutMs = 900_000, clock: Clock): () => () => number {
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 1)) {
    throw new TypeError('Cannot create handler: "timeoutMs" must be a number from 1 up');
  }
  return () => {
    const endsAt = clock.now() + timeoutMs;
    return () => endsAt - clock.now();
  };
}
