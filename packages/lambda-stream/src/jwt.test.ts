import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Authorize } from './authorize';
import { AccessDeniedError } from './authorize';
import type { JwtOptions } from './jwt';
import { jwt } from './jwt';
import { createTestIssuer, epochSeconds } from './jwt-issuer.fixture';

const issuer = 'https://issuer.example/tenant/';
const local = createTestIssuer();
const base = { issuer, audience: 'chat', jwks: local.jwks } satisfies JwtOptions;
const claims = {
  iss: issuer,
  sub: 'user-1',
  aud: ['chat', 'other'],
  scope: 'read',
  exp: epochSeconds(600),
};

function ask(authorize: Authorize<unknown>, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.resolve(authorize({ method: 'POST', path: '/', headers, event: undefined }));
}

describe('jwt()', () => {
  it('makes the principal of a token', async () => {
    expect(await ask(jwt(base), local.token(claims))).toEqual({
      sub: 'user-1',
      scopes: ['read'],
      claims,
    });
  });

  it('accepts an issuer that is no URL when the keys are given', async () => {
    const authorize = jwt({ ...base, issuer: 'local', audience: null });
    await ask(authorize, local.token({ ...claims, iss: 'local' }));
  });

  it.each([
    ['another audience', local.token({ ...claims, aud: 'shop' }), 401],
    ['another issuer', local.token({ ...claims, iss: 'https://evil.example' }), 401],
    ['an expired token', local.token({ ...claims, exp: epochSeconds(-1) }), 401],
    ['a token that names nobody', local.token({ ...claims, sub: undefined }), 401],
    ['a missing scope', local.token({ ...claims, scope: undefined }), 403],
  ])('refuses %s', async (_case, token, status) => {
    const error = await ask(jwt({ ...base, scope: ['read', 'write'] }), token).catch(
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(error).toMatchObject({ status });
    expect(inspect(error)).not.toContain('user-1');
  });

  it('answers a key set that cannot be fetched with its own error, without the address', async () => {
    const authorize = jwt({ issuer, audience: null, jwksUri: 'https://127.0.0.1:1/keys' });
    const error = await ask(authorize, local.token(claims)).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'ERR_KEY_SET_UNAVAILABLE' });
    expect(inspect(error, { depth: 9 })).not.toContain('127.0.0.1:1');
  });

  it.each([
    [{ ...base, issuer: '' }, '"issuer"'],
    [{ issuer: 'http://issuer.example', audience: 'chat' }, '"issuer" must be an https: URL'],
    [{ issuer, audience: 'chat', jwksUri: 'http://keys.example' }, '"jwksUri"'],
    [{ issuer }, '"audience"'],
    [{ ...base, audience: [] }, '"audience"'],
    [{ ...base, audience: 123 }, '"audience"'],
    [{ ...base, scope: null }, '"scope"'],
    [{ ...base, scope: 5 }, '"scope"'],
    [{ ...base, aud: 'x' }, 'unknown option "aud"'],
  ])('refuses the options %o when it is called', (options: object, message) => {
    expect(() => jwt(options as JwtOptions)).toThrow(TypeError);
    expect(() => jwt(options as JwtOptions)).toThrow(message);
  });
});
