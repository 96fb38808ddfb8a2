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
  /** Connections that were resumed after a drop. */
  readonly reconnects: number;
  /** Events dropped because their id had been seen. */
  readonly duplicates: number;
  /** Events of a type this client does not know. */
  readonly unknownEvents: number;
  /**
   * Intervals between text deltas: `interArrival[i]` counts those under `2 ** i` ms (and not under the one before);
   * the last of the 16 counts all longer ones.
   */
  readonly interArrival: readonly number[];
}
