import { describe, expect, it } from 'vitest';
import { type CorsOptions, createCors } from './cors';

const create = (options: CorsOptions) => createCors('Cannot create handler', options);

describe('createCors()', () => {
  it.each(['https://a.example:443', 'http://a.example:80'])(
    'refuses the origin %s, which no browser sends',
    (origin) => {
      expect(() => create({ origins: [origin] })).toThrow(
        /"cors.origins" must be an array of origins, .* no default port$/,
      );
    },
  );

  it.each([
    'https://a.example:8443',
    'https://a.example:80',
    'http://localhost:3000',
    'capacitor://localhost',
    'http://[::1]:5173',
  ])('takes the origin %s', (origin) => {
    expect(create({ origins: [origin] })(origin, false)).toMatchObject({
      'access-control-allow-origin': origin,
    });
  });

  it.each(['headers', 'exposeHeaders'])('refuses "*" in %s together with credentials', (name) => {
    const options = { origins: ['https://a.example'], [name]: ['x-id', '*'] };
    expect(() => create({ ...options, credentials: true })).toThrow(`"cors.${name}" must be`);
    expect(() => create(options)).not.toThrow();
  });

  it.each(['x,y', 'x y', ''])('refuses the header name %j', (name) => {
    expect(() => create({ origins: '*', headers: [name] })).toThrow('"cors.headers" must be');
  });
});
