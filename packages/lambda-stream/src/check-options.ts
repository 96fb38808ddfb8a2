/** What an option must be, as the end of the sentence `"name" must be …`. `isRange`: a number that it refuses is out of range. */
export type OptionRule = readonly [
  expected: string,
  accepts: (value: unknown) => boolean,
  isRange?: boolean | undefined,
];

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

export const aFunction: OptionRule = ['a function', isFunction];
export const aBoolean: OptionRule = ['a boolean', (value) => typeof value === 'boolean'];
export const aClock: OptionRule = ['a clock', isObject];

export const text = (expected: string, pattern: RegExp): OptionRule => [
  expected,
  (value) => typeof value === 'string' && pattern.test(value),
];

/** The rule of the items speaks of them in the plural. */
export const arrayOf = ([expected, accepts]: OptionRule): OptionRule => [
  `an array of ${expected}`,
  (value) => Array.isArray(value) && value.every(accepts),
];

/** Names of headers or methods; `*` is one, too. */
export const aNameList = arrayOf(text('names', /^[!-~]+$/));

/** What a browser may send as `Origin`: no path, no upper case, no `*`. Schemes of apps are among them, `capacitor://localhost`. */
export const ORIGIN = /^[a-z-]+:\/\/[a-z\d_.:[\]-]+$/;

export const orNull = ([expected, accepts, isRange]: OptionRule): OptionRule => [
  `${expected}, or null`,
  (value) => value === null || accepts(value),
  isRange,
];

/** A finite number of at least `low`, which the message calls `name`. */
export const numberFrom = (low: number, name: unknown = low): OptionRule => [
  `a number from ${name} up`,
  (value) => Number.isFinite(value) && Number(value) >= low,
  true,
];

/** A number of at least `low` and at most `high`. */
export const numberWithin = (low: number, high: number): OptionRule => [
  `a number from ${low} to ${high}`,
  (value) => Number(value) >= low && Number(value) <= high && typeof value === 'number',
  true,
];

/**
 * Throws a `TypeError` or `RangeError` that names the first option that is unknown or breaks its rule, as `undefined` always
 * does. `path` stands before its name in the message.
 */
export function checkOptions(
  action: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
  path = '',
): void {
  for (const [name, value] of Object.entries(options)) {
    const known = Object.hasOwn(rules, name) && rules[name];
    if (!known) throw new TypeError(`${action}: unknown option "${path}${name}"`);
    const [expected, accepts, isRange] = known;
    if (accepts(value)) continue;
    const Failure = isRange && Number.isFinite(value) ? RangeError : TypeError;
    throw new Failure(`${action}: "${path}${name}" must be ${expected}`);
  }
}
