import type { OptionRule } from './check-options';
import type { Clock } from './clock';

/** Options of the doors where no platform limits how long a request takes. */
export interface HostOptions {
  /** How long a request may take, as a Lambda timeout would: `remainingTimeMs()` counts down from it. Milliseconds, 1 or more. Default: 900 000 (15 minutes, Lambda's most). */
  readonly timeoutMs?: number;
}

/** No end is fine: `Infinity` is a number from 1 up. */
export const HOST_RULES: Readonly<Record<string, OptionRule>> = {
  timeoutMs: ['a number from 1 up', (value) => typeof value === 'number' && value >= 1, true],
};

/** Returns what starts the countdown of one request. */
export function timeLimit(timeoutMs = 900_000, clock: Clock): () => () => number {
  return () => {
    const endsAt = clock.now() + timeoutMs;
    return () => endsAt - clock.now();
  };
}
