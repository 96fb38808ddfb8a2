/** What a run's transport did. Milliseconds count from the call of `run()`; a field is absent until its moment came. */
export interface RunStats {
  readonly firstByteMs?: number;
  readonly firstEventMs?: number;
  readonly firstTextMs?: number;
  readonly endMs?: number;
  /** Bytes of response bodies, comments included. */
  readonly bytes: number;
  readonly events: number;
  /** Comments received. */
  readonly keepAlives: number;
  /** Attempts to resume the connection after a drop. */
  readonly reconnects: number;
  /** Events dropped because their id had been seen. */
  readonly duplicates: number;
  /** Events of a type this client does not know. */
  readonly unknownEvents: number;
  /**
   * Intervals between text deltas, as they came off the network: `interArrival[i]` counts those under `2 ** i` ms (and not under
   * the one before); the last of the 16 counts all longer ones.
   */
  readonly interArrival: readonly number[];
}

export type MutableRunStats = { -readonly [K in keyof RunStats]: RunStats[K] } & {
  interArrival: number[];
};

export function createRunStats(): MutableRunStats {
  return {
    bytes: 0,
    events: 0,
    keepAlives: 0,
    reconnects: 0,
    duplicates: 0,
    unknownEvents: 0,
    interArrival: new Array<number>(16).fill(0),
  };
}

export function countInterval(stats: MutableRunStats, intervalMs: number): void {
  const bucket = Math.min(15, 32 - Math.clz32(intervalMs)) as 0;
  (stats.interArrival as [number])[bucket]++;
}
