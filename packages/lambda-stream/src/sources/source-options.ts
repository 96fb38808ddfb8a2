/** Options that every source takes. */
export interface SourceOptions {
  /** Ends the run: the connection to the service is closed and the iteration throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * How often a request is repeated that the service refuses, before its first frame, with `ModelNotReadyException`.
   * 0–10, default 3. More means a longer wait before MODEL_NOT_READY.
   *
   * Does not bound the requests themselves: where the exception is an HTTP 429, and always with ConverseStream, the SDK repeats
   * it too (`maxAttempts` of the client, 3 unless set), within each of these. It never repeats one that is a frame of an agent.
   */
  readonly modelNotReadyRetries?: number;
  /** Milliseconds before the first such repetition; doubles with each. 0–60 000, default 1 000. */
  readonly modelNotReadyDelayMs?: number;
}

export const SOURCE_OPTION_NAMES: readonly (keyof SourceOptions)[] = [
  'signal',
  'modelNotReadyRetries',
  'modelNotReadyDelayMs',
];

/** Throws for an option that does not exist or is out of bounds. */
export function checkSourceOptions(
  source: string,
  options: SourceOptions,
  extraNames: readonly string[] = [],
): void {
  const known: readonly string[] = [...SOURCE_OPTION_NAMES, ...extraNames];
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`Cannot call ${source}(): unknown option "${name}"`);
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new TypeError(`Cannot call ${source}(): option "signal" must be an AbortSignal`);
  }
  checkInteger(source, 'modelNotReadyRetries', options.modelNotReadyRetries, 10);
  checkInteger(source, 'modelNotReadyDelayMs', options.modelNotReadyDelayMs, 60_000);
}

function checkInteger(source: string, name: string, value: number | undefined, max: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(
      `Cannot call ${source}(): option "${name}" must be an integer from 0 to ${max}, got ${value}`,
    );
  }
}

/** Throws when a required string of the command's input is missing, before anything is sent. */
export function checkRequired(source: string, input: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (input as Record<string, unknown>)[name];
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`Cannot call ${source}(): input "${name}" must be a non-empty string`);
    }
  }
}
