import { aClock, checkOptions, numberFrom } from '../check-options';
import type { Clock } from '../clock';
import { systemClock } from '../clock';
import { given } from '../given';

/** When text is delivered. All times are milliseconds. */
export interface PaceOptions {
  /** Least time between two text events of one message; deltas in between are joined. 1 or more; default 20. */
  minIntervalMs?: number;
  /** Most time between two segments of a block that is being spread out. At least `minIntervalMs`; default 50. */
  maxIntervalMs?: number;
  /**
   * Most time that text, or an event behind it, is held back. At least `maxIntervalMs`; default 500.
   * Text that arrives faster than it would be read is delivered in longer segments rather than later.
   */
  maxLagMs?: number;
  /** Most text held back, in UTF-16 code units. 1 or more; default 65 536. Beyond it everything held is delivered at once. */
  maxBufferedChars?: number;
  /** Where time comes from; default the machine's clock. For tests. */
  clock?: Clock;
}

export type ResolvedPaceOptions = Required<PaceOptions>;

/** The defaults of {@link PaceOptions}. */
export const PACE_DEFAULTS = {
  minIntervalMs: 20,
  maxIntervalMs: 50,
  maxLagMs: 500,
  maxBufferedChars: 65_536,
} as const;

/** Fills in the defaults, or throws a `TypeError` or `RangeError` that names the option. */
export function resolvePaceOptions(options: PaceOptions): ResolvedPaceOptions {
  const resolved = { ...PACE_DEFAULTS, clock: systemClock, ...given(options) };
  checkOptions('Cannot pace', resolved, {
    minIntervalMs: numberFrom(1),
    maxIntervalMs: numberFrom(resolved.minIntervalMs, 'minIntervalMs'),
    maxLagMs: numberFrom(resolved.maxIntervalMs, 'maxIntervalMs'),
    maxBufferedChars: numberFrom(1),
    clock: aClock,
  });
  return resolved;
}
