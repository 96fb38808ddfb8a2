import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { Authorize } from './authorize';
import { AccessDeniedError } from './authorize';
import type { CognitoOptions, CognitoPrincipal } from './cognito';
import { cognito } from './cognito';
import { createTestIssuer, epochSeconds } from './jwt-issuer.fixture';

const userPoolId = 'ap-northeast-1_AbCdEfGhI';
const issuer = createTestIssuer();
const stranger = createTestIssuer();
const [key] = issuer.jwks.keys;
/** Keys that an issuer may serve beside those it signs with. */
const others = [
  { ...key, kty: 'RSA', kid: 'for encryption', use: 'enc' },
  { kty: 'oct', kid: 'symmetric', alg: 'HS256', use: 'sig', k: 'c2VjcmV0' },
  { kty: 'RSA', kid: 'incomplete', alg: 'RS256', use: 'sig' },
];
const jwks = { keys: [...issuer.jwks.keys, ...others] };
const base = { userPoolId, clientId: 'client-1', jwks } satisfies CognitoOptions;

const access = {
  iss: `https://cognito-idp.ap-northeast-1.amazonaws.com/${userPoolId}`,
  sub: 'user-1',
  username: 'taro',
  token_use: 'access',
  client_id: 'client-1',
  scope: 'chat/read chat/write',
  'cognito:groups': ['sages'],
  exp: epochSeconds(600),
};
const id = {
  ...access,
  token_use: 'id',
  aud: 'client-1',
  client_id: undefined,
  'cognito:username': 'taro',
  username: undefined,
};

function ask(
  authorize: Authorize<unknown>,
  authorization: string | undefined,
  header = 'authorization',
) {
  const headers: Record<string, string> =
    authorization === undefined ? {} : { [header]: authorization };
  return Promise.resolve(authorize({ method: 'POST', path: '/', headers, event: undefined }));
}

async function refusalOf(promise: Promise<unknown>): Promise<AccessDeniedError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AccessDeniedError)) throw new Error(`Not refused: ${inspect(error)}`);
  return error;
}

describe('cognito()', () => {
  it('makes the principal of an access token', async () => {
    const principal = await ask(cognito(base), `Bearer ${issuer.token(access)}`);
    expect(principal).toEqual({
      sub: 'user-1',
      username: 'taro',
      groups: ['sages'],
      scopes: ['chat/read', 'chat/write'],
      tokenUse: 'access',
      clientId: 'client-1',
      claims: access,
    });
    expectTypeOf(cognito).returns.toEqualTypeOf<Authorize<CognitoPrincipal>>();
  });

  it('accepts an id token only when asked to', async () => {
    const token = `Bearer ${issuer.token(id)}`;
    expect(await ask(cognito({ ...base, tokenUse: 'id' }), token)).toMatchObject({
      tokenUse: 'id',
      username: 'taro',
    });
    expect(await ask(cognito({ ...base, tokenUse: null }), token)).toMatchObject({
      clientId: 'client-1',
    });
    expect((await refusalOf(ask(cognito(base), token))).status).toBe(401);
  });

  it('accepts any of several clients, or every client with null', async () => {
    const token = `Bearer ${issuer.token({ ...access, client_id: 'client-2' })}`;
    await ask(cognito({ ...base, clientId: ['client-1', 'client-2'] }), token);
    await ask(cognito({ ...base, clientId: null }), token);
    expect((await refusalOf(ask(cognito(base), token))).status).toBe(401);
  });

  it('refuses a caller without the group or scope with 403', async () => {
    const token = `Bearer ${issuer.token(access)}`;
    await ask(cognito({ ...base, groups: ['judges', 'sages'], scope: 'chat/write' }), token);
    expect((await refusalOf(ask(cognito({ ...base, groups: 'judges' }), token))).status).toBe(403);
    expect((await refusalOf(ask(cognito({ ...base, scope: 'admin' }), token))).status).toBe(403);
  });

  it('reads a token without a scheme from another header', async () => {
    const authorize = cognito({ ...base, header: 'X-Chat-Authorization' });
    await ask(authorize, issuer.token(access), 'x-chat-authorization');
    await ask(authorize, `Bearer ${issuer.token(access)}`, 'x-chat-authorization');
    expect((await refusalOf(ask(cognito(base), issuer.token(access)))).status).toBe(401);
  });

  it('accepts the newer form of the issuer', async () => {
    const iss = `https://issuer-cognito-idp.ap-northeast-1.amazonaws.com/${userPoolId}`;
    await ask(cognito(base), `Bearer ${issuer.token({ ...access, iss })}`);
  });
});

describe('cognito() refuses', () => {
  const none = issuer.token(access, { alg: 'none' }).replace(/[^.]*$/, '');
  const { exp: _, ...eternal } = access;
  const bad: [string, string | undefined][] = [
    ['no token', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['two tokens', `Bearer ${issuer.token(access)}, Bearer ${issuer.token(access)}`],
    ['a malformed token', 'Bearer not-a-token'],
    [
      'a token whose header is not JSON',
      `Bearer ${Buffer.from('secret').toString('base64url')}.e30.AAAA`,
    ],
    ['alg none', `Bearer ${none}`],
    ['alg none with a signature', `Bearer ${issuer.token(access, { alg: 'none' })}`],
    ['an HMAC with the public key', `Bearer ${issuer.token(access, { alg: 'HS256' })}`],
    ['an unknown key', `Bearer ${issuer.token(access, { kid: 'other' })}`],
    ...others.map(({ kid }): [string, string] => [
      `the key ${kid}`,
      `Bearer ${issuer.token(access, { kid })}`,
    ]),
    ['no key id', `Bearer ${issuer.token(access, { kid: undefined })}`],
    ['a wrong signature', `Bearer ${stranger.token(access)}`],
    ['an expired token', `Bearer ${issuer.token({ ...access, exp: epochSeconds(-5) })}`],
    ['a token that never expires', `Bearer ${issuer.token(eternal)}`],
    ['a token for later', `Bearer ${issuer.token({ ...access, nbf: epochSeconds(60) })}`],
    ['a token that names nobody', `Bearer ${issuer.token({ ...access, sub: '' })}`],
    ['another issuer', `Bearer ${issuer.token({ ...access, iss: 'https://evil.example' })}`],
    ['another token use', `Bearer ${issuer.token({ ...access, token_use: 'refresh' })}`],
  ];

  it.each(bad)('%s with 401 and says nothing of the token', async (_case, authorization) => {
    const error = await refusalOf(ask(cognito(base), authorization));
    expect(error.status).toBe(401);
    expect(error.challenge).toMatch(/^Bearer/);
    const said = inspect(error, { depth: 9, showHidden: true });
    for (const part of (authorization ?? '').split(/[ .,]+/)) {
      if (part.length > 8) expect(said).not.toContain(part);
    }
    for (const claim of ['user-1', 'taro', 'evil.example', 'secret', 'client-1'])
      expect(said).not.toContain(claim);
  });

  it('tells an expired token from an invalid one, so that a client knows to refresh', async () => {
    const expired = issuer.token({ ...access, exp: epochSeconds(-5) });
    expect((await refusalOf(ask(cognito(base), `Bearer ${expired}`))).challenge).toContain(
      'expired',
    );
    expect((await refusalOf(ask(cognito(base), undefined))).challenge).toBe('Bearer');
  });

  it.each(bad)('%s after exactly one signature verification', async (_case, authorization) => {
    const createVerify = vi.spyOn(crypto, 'createVerify');
    syncBuiltinESMExports();
    try {
      await refusalOf(ask(cognito(base), authorization));
      expect(createVerify).toHaveBeenCalledOnce();
    } finally {
      createVerify.mockRestore();
      syncBuiltinESMExports();
    }
  });
});

describe('cognito() options', () => {
  it.each([
    [{ clientId: 'c' }, '"userPoolId"'],
    [{ userPoolId }, '"clientId"'],
    [{ userPoolId, clientId: [] }, '"clientId"'],
    [{ userPoolId, clientId: 5 }, '"clientId"'],
    [{ userPoolId, clientId: null, tokenUse: 'Access' }, '"tokenUse"'],
    [{ userPoolId, clientId: null, groups: null }, '"groups"'],
    [{ userPoolId, clientId: null, scope: [undefined] }, '"scope"'],
    [{ ...base, group: 'x' }, 'unknown option "group"'],
    [{ ...base, jwks: 'x' }, '"jwks"'],
    [{ ...base, jwks: { keys: [] } }, '"jwks"'],
    [{ ...base, jwks: { keys: [1] } }, '"jwks"'],
    [{ ...base, tokenUse: 'id', scope: 'read' }, '"scope"'],
    [{ ...base, userPoolId: 'nowhere' }, '"userPoolId"'],
    [{ ...base, userPoolId: 'nowhere_AbCdEfGhI' }, '"userPoolId"'],
    [{ ...base, header: 'a b' }, '"header"'],
  ])('refuses %o when it is called', (options: object, message) => {
    expect(() => cognito(options as CognitoOptions)).toThrow(TypeError);
    expect(() => cognito(options as CognitoOptions)).toThrow(message);
  });
});
