import type { Clock } from '../clock';
import { systemClock } from '../clock';

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
  for (const name of Object.keys(options)) {
    if (name !== 'clock' && !(name in PACE_DEFAULTS)) {
      throw new TypeError(`Cannot pace: unknown option "${name}"`);
    }
  }
  const resolved = { clock: systemClock, ...PACE_DEFAULTS, ...withoutUndefined(options) };
  const { minIntervalMs, maxIntervalMs, maxLagMs, maxBufferedChars } = resolved;
  atLeast('minIntervalMs', minIntervalMs, 1, '1');
  atLeast('maxIntervalMs', maxIntervalMs, minIntervalMs, 'minIntervalMs');
  atLeast('maxLagMs', maxLagMs, maxIntervalMs, 'maxIntervalMs');
  atLeast('maxBufferedChars', maxBufferedChars, 1, '1');
  return resolved;
}

function withoutUndefined(options: PaceOptions): PaceOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function atLeast(name: string, value: unknown, bound: number, boundName: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`Cannot pace: "${name}" must be a finite number`);
  }
  if (value < bound) throw new RangeError(`Cannot pace: "${name}" must be at least ${boundName}`);
}
