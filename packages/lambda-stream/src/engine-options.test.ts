import { describe, expect, it } from 'vitest';
import { resolveOptions } from './engine-options';

const wrong: [option: string, value: unknown, expected: RegExp][] = [
  ['authorize', undefined, /"authorize" must be a function, or null/],
  ['authorize', true, /"authorize" must be a function, or null/],
  ['input', {}, /"input" must be a Standard Schema/],
  ['path', 'agent', /"path" must be a path that starts with "\/"/],
  ['healthPath', '', /"healthPath" must be a path/],
  ['keepAliveMs', 0, /"keepAliveMs" must be a number from 1 up, or null/],
  ['keepAliveMs', '15s', /"keepAliveMs"/],
  ['deadlineMarginMs', -1, /"deadlineMarginMs" must be a number from 0 up/],
  ['deadlineMarginMs', Number.NaN, /"deadlineMarginMs"/],
  ['maxBodyBytes', 0, /"maxBodyBytes" must be a number from 1 up/],
  ['maxBodyBytes', Number.POSITIVE_INFINITY, /"maxBodyBytes"/],
  ['pace', true, /"pace" must be false or an object/],
  ['pace', { minIntervalMs: -1 }, /minIntervalMs/],
  ['cors', true, /"cors" must be an object/],
  ['cors', { origins: 'https://a.example' }, /"cors.origins" must be a list of origins, or "\*"/],
  ['cors', { origins: '*', credentials: true }, /"cors.origins" must be a list/],
  ['onRunEnd', 'log', /"onRunEnd" must be a function/],
  ['onError', 'log', /"onError" must be a function/],
  ['observers', () => ({}), /"observers" must be an array/],
  ['keepAliveMS', 1, /unknown option "keepAliveMS"/],
  ['constructor', 1, /unknown option "constructor"/],
];

describe('resolveOptions', () => {
  it.each(wrong)('refuses %s: %s', (option, value, expected) => {
    const options = { authorize: null, [option]: value };
    expect(() => resolveOptions(options)).toThrow(expected);
  });

  it('fills in the documented defaults, also for options that are undefined', () => {
    expect(
      resolveOptions({ authorize: null, ...Object({ keepAliveMs: undefined }) }),
    ).toMatchObject({
      healthPath: '/health',
      keepAliveMs: 15_000,
      deadlineMarginMs: 2_000,
      maxBodyBytes: 1_048_576,
      pace: { minIntervalMs: 20 },
      cors: undefined,
      observers: [],
    });
  });

  it('keeps null where it turns something off', () => {
    const options = { authorize: null, keepAliveMs: null, healthPath: null, pace: false } as const;
    expect(resolveOptions(options)).toMatchObject({
      keepAliveMs: null,
      healthPath: null,
      pace: false,
    });
  });
});
