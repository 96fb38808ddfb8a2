/** What an option must be. */
export interface OptionRule {
  /** Ends the sentence `"name" must be …`. */
  readonly expected: string;
  accepts(value: unknown): boolean;
  /** Whether a finite number can only be out of range. */
  readonly isNumber?: boolean;
}

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isObject = (value: unknown): boolean => typeof value === 'object';

export const rule = (expected: string, accepts: OptionRule['accepts']): OptionRule => ({
  expected,
  accepts,
});

export const orNull = (other: OptionRule): OptionRule => ({
  ...other,
  expected: `${other.expected}, or null`,
  accepts: (value) => value === null || other.accepts(value),
});

/** A finite number of at least `low`, which the message calls `name`. */
export const numberFrom = (low: number, name: unknown = low): OptionRule => ({
  ...rule(`a number from ${name} up`, (value) => Number.isFinite(value) && Number(value) >= low),
  isNumber: true,
});

/** Throws a `TypeError` or `RangeError` that names the first option that is unknown, or that is there and breaks its rule. */
export function checkOptions(
  action: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    const known = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (known === undefined) throw new TypeError(`${action}: unknown option "${name}"`);
    if (value === undefined || known.accepts(value)) continue;
    const Failure = known.isNumber && Number.isFinite(value) ? RangeError : TypeError;
    throw new Failure(`${action}: "${name}" must be ${known.expected}`);
  }
}
