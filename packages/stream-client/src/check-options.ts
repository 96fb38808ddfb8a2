/** Says what an option is expected to be when the value is not that. */
export type Rule = (value: unknown) => string | false;

export const anything: Rule = () => false;

export const nonEmptyText: Rule = (value) =>
  (typeof value !== 'string' || value === '') && 'a non-empty string';

export const atLeast =
  (min: number): Rule =>
  (value) =>
    !((value as number) >= min) && `a number of at least ${min}`;

export const wholeFrom =
  (min: number): Rule =>
  (value) =>
    !(Number.isInteger(value) && (value as number) >= min) && `an integer of at least ${min}`;

export const oneOf =
  (...values: readonly string[]): Rule =>
  (value) =>
    !values.includes(value as string) && `one of ${values.join(', ')}`;

/** An object that has the method. */
export const withMethod =
  (name: string): Rule =>
  (value) =>
    typeof (value as Record<string, unknown> | null)?.[name] !== 'function' &&
    `an object with ${name}()`;

/**
 * Throws for an option without a rule, because a misspelt option must not be ignored in silence, and for a value that breaks its
 * rule: a RangeError if that is a number, a TypeError otherwise. Options that are undefined are absent.
 *
 * @param path Goes before the names in messages.
 */
export function checkOptions(path: string, options: object, rules: Record<string, Rule>): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) && rules[name];
    if (!rule) throw new TypeError(`Unknown option "${path}${name}"`);
    const expected = value !== undefined && rule(value);
    if (expected) {
      const Misuse = typeof value === 'number' ? RangeError : TypeError;
      // The value is not quoted: a token that was passed for a hook must not reach a log.
      throw new Misuse(`"${path}${name}" must be ${expected}`);
    }
  }
}

/** Throws a RangeError when the first of two options is above the second. */
export function checkOrder<K extends string>(
  path: string,
  options: Record<K, number>,
  lower: K,
  upper: K,
): void {
  if (options[lower] > options[upper]) {
    throw new RangeError(
      `"${path}${lower}" (${options[lower]}) must not exceed "${path}${upper}" (${options[upper]})`,
    );
  }
}
