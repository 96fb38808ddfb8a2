import { describe, expect, it } from 'vitest';
import type { OptionRule } from './check-options';
import { aFunction, checkOptions, numberFrom, numberWithin, orNull } from './check-options';
import { HOST_RULES } from './time-limit';

const failure = (rule: OptionRule, value: unknown): unknown => {
  try {
    checkOptions('Cannot try', { option: value }, { option: rule });
    return undefined;
  } catch (error) {
    return (error as Error).constructor;
  }
};

const digit: OptionRule = ['1 to 9', (value) => Number(value) >= 1 && Number(value) <= 9, true];
const words: OptionRule = ['a number in words', (value) => typeof value === 'string'];

describe('checkOptions()', () => {
  it.each<[string, OptionRule, unknown, unknown]>([
    ['a number that is too low', numberFrom(1), 0, RangeError],
    ['a number that is too high', numberWithin(0, 9), 10, RangeError],
    ['a number where null would do', orNull(numberFrom(1)), 0, RangeError],
    ['a time limit that is too low', HOST_RULES['timeoutMs'] as OptionRule, 0, RangeError],
    ['a number that a rule in other words refuses', digit, 10, RangeError],
    ['text instead of a number', numberFrom(1), '1', TypeError],
    ['what is no number', numberFrom(1), Number.NaN, TypeError],
    ['a number instead of a function', aFunction, 1, TypeError],
    ['a number instead of text that speaks of numbers', words, 1, TypeError],
    ['what is right', orNull(numberFrom(1)), null, undefined],
  ])('refuses %s for what it is', (_name, rule, value, expected) => {
    expect(failure(rule, value)).toBe(expected);
  });
});
