import { describe, expect, it } from 'vitest';
import { resolveOptions } from './engine-options';

const run = async function* () {};

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
  ['cors', { origins: 'https://a.example' }, /"cors.origins" must be an array of origins, or "\*"/],
  ['cors', {}, /"cors.origins" must be an array/],
  ['cors', { origins: undefined }, /"cors.origins" must be an array/],
  ['cors', { origins: ['*'] }, /"cors.origins"/],
  ['cors', { origins: ['https://page.example/'] }, /"cors.origins"/],
  ['cors', { origins: ['https://page.example/chat'] }, /"cors.origins"/],
  ['cors', { origins: ['https://Page.example'] }, /"cors.origins"/],
  ['cors', { origins: ['https://*.example'] }, /"cors.origins"/],
  ['cors', { origins: ['page.example'] }, /"cors.origins"/],
  ['cors', { origins: [7] }, /"cors.origins"/],
  ['cors', { origins: '*', maxAge: 60 }, /unknown option "cors.maxAge"/],
  ['cors', { origins: '*', allowHeaders: ['x'] }, /unknown option "cors.allowHeaders"/],
  ['cors', { origins: '*', headers: 'x' }, /"cors.headers" must be an array of names/],
  ['cors', { origins: '*', headers: ['x\n'] }, /"cors.headers"/],
  ['cors', { origins: '*', exposeHeaders: [undefined] }, /"cors.exposeHeaders"/],
  ['cors', { origins: [], credentials: 'no' }, /"cors.credentials" must be a boolean/],
  ['cors', { origins: '*', maxAgeSeconds: -1 }, /"cors.maxAgeSeconds" must be a number from 0 up/],
  ['cors', null, /"cors" must be an object/],
  ['clock', null, /"clock" must be a clock/],
  [
    'cors',
    { origins: '*', credentials: true },
    /"cors.origins" must be an array of origins, or "\*" without/,
  ],
  ['onRunEnd', 'log', /"onRunEnd" must be a function/],
  ['onError', 'log', /"onError" must be a function/],
  ['observers', () => ({}), /"observers" must be an array of functions/],
  ['observers', [3], /"observers" must be an array of functions/],
  ['keepAliveMS', 1, /unknown option "keepAliveMS"/],
  ['constructor', 1, /unknown option "constructor"/],
];

describe('resolveOptions', () => {
  it.each(wrong)('refuses %s: %s', (option, value, expected) => {
    const options = { authorize: null, [option]: value };
    expect(() => resolveOptions(run, options)).toThrow(expected);
  });

  it('takes every origin that a browser sends', () => {
    const origins = [
      'https://page.example',
      'http://localhost:5173',
      'http://[::1]:8080',
      'capacitor://localhost',
      'chrome-extension://abcdefgh',
    ];
    const { cors } = resolveOptions(run, { authorize: null, cors: { origins } });
    for (const origin of origins) {
      expect(cors?.(origin, false)).toMatchObject({ 'access-control-allow-origin': origin });
    }
  });

  it('fills in the documented defaults, also for options that are undefined', () => {
    expect(
      resolveOptions(run, { authorize: null, ...Object({ keepAliveMs: undefined }) }),
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
    expect(resolveOptions(run, options)).toMatchObject({
      keepAliveMs: null,
      healthPath: null,
      pace: false,
    });
  });
});
