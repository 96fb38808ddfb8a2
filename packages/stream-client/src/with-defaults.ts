/** The longest delay that timers take: 24 days. Milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Options of which only those without a default may be absent. */
type Resolved<O, D> = {
  readonly [K in keyof O]-?: K extends keyof D
    ? D[K] extends undefined
      ? O[K] | undefined
      : Exclude<O[K], undefined>
    : never;
};

/**
 * Fills in the defaults. A default is also the example for its option: a value must be of the same type, text not empty.
 * `undefined` leaves an option unchecked.
 *
 * An option without a default is refused, because a misspelt one must not be ignored in silence. Values are not quoted in
 * messages: a token that was passed for a hook must not reach a log.
 *
 * @param path Goes before the names in messages.
 * @param min The least that numbers may be. The most is what a timer takes, or Infinity.
 * @throws RangeError for a number out of bounds, TypeError for anything else.
 */
export function withDefaults<O extends object, D extends Record<keyof O, unknown>>(
  path: string,
  options: O,
  defaults: D,
  min = 0,
): Resolved<O, D> {
  const resolved: Record<string, unknown> = { ...defaults };
  for (const [name, value] of Object.entries(options as Record<string, unknown>)) {
    if (!Object.hasOwn(defaults, name)) throw new TypeError(`Unknown option "${path}${name}"`);
    if (value === undefined) continue;
    const example = resolved[name];
    resolved[name] = value;
    if (example === undefined) continue;
    const type = typeof example;
    if (typeof value !== type || value === null || value === '') {
      const filled = value === '' ? ' that is not empty' : '';
      throw new TypeError(`"${path}${name}" must be a ${type}${filled}`);
    }
    const amount = value as number;
    if (type === 'number' && amount !== Infinity && !(amount >= min && amount <= MAX_TIMER_MS)) {
      throw new RangeError(`"${path}${name}" must be from ${min} to ${MAX_TIMER_MS}, or Infinity`);
    }
  }
  return resolved as Resolved<O, D>;
}

/** Throws a RangeError when the first of two options is above the second, unless it is Infinity. */
export function checkOrder<K extends string>(
  path: string,
  options: Record<K, number>,
  lower: K,
  upper: K,
): void {
  if (options[lower] > options[upper] && options[lower] < Infinity) {
    throw new RangeError(`"${path}${lower}" must not exceed "${path}${upper}"`);
  }
}
