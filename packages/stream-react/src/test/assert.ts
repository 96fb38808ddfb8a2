/** The few assertions that the suite needs, where neither `node:assert` nor a test runner is at hand: in a bundle and in a browser. */
function fail(message: string): never {
  throw new Error(message);
}
const show = (value: unknown) => JSON.stringify(value) ?? String(value);

export const assert: {
  ok(value: unknown, message?: string): asserts value;
  equal<T>(actual: T, expected: T, message?: string): void;
  notEqual<T>(actual: T, expected: T): void;
  /** Compares as JSON. */
  deepEqual<T>(actual: T, expected: T): void;
  match(text: string, pattern: RegExp): void;
} = {
  ok(value, message = 'Expected a value') {
    if (!value) fail(message);
  },
  equal(actual, expected, message = '') {
    if (!Object.is(actual, expected)) {
      fail(`${message} Expected ${show(expected)}, got ${show(actual)}`);
    }
  },
  notEqual(actual, expected) {
    if (Object.is(actual, expected)) fail(`Expected anything but ${show(actual)}`);
  },
  deepEqual(actual, expected) {
    if (show(actual) !== show(expected)) fail(`Expected ${show(expected)}, got ${show(actual)}`);
  },
  match(text, pattern) {
    if (!pattern.test(text)) fail(`Expected ${pattern}, got "${text}"`);
  },
};
