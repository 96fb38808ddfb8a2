import { JwtVerifier } from 'aws-jwt-verify';
import {
  CognitoJwtInvalidGroupError,
  JwtExpiredError,
  JwtInvalidClaimError,
  JwtInvalidScopeError,
  JwtInvalidSignatureError,
} from 'aws-jwt-verify/error';
import { isJwks, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Authorize } from './authorize';
import { AccessDeniedError } from './authorize';

/** A JSON Web Key Set, as the issuer serves it. */
export interface JsonWebKeySet {
  readonly keys: readonly (Readonly<Record<string, unknown>> & { readonly kty: string })[];
}

/** The claims of a verified token. */
export type TokenClaims = Readonly<Record<string, unknown>>;

interface TokenCheck<TPrincipal> {
  /** Checks signature and claims; throws what aws-jwt-verify throws. */
  verify(token: string): Promise<TokenClaims>;
  toPrincipal(claims: TokenClaims): TPrincipal;
  /** The request header that carries the token. */
  header: string;
}

/**
 * An `authorize` function around a token verifier.
 *
 * Whatever is wrong with a token, one signature was verified before it is refused, so that the time of a refusal says little
 * about its cause; only an unknown key costs more, when the key set is fetched to look for it. No token and no claim reaches
 * an error: the messages of aws-jwt-verify quote both, so they end here.
 */
export function authorizeByToken<TPrincipal>(check: TokenCheck<TPrincipal>): Authorize<TPrincipal> {
  const decoy = createDecoy();
  return async ({ headers }) => {
    const value = headers[check.header];
    const token = tokenOf(value, check.header === 'authorization');
    try {
      if (token === undefined) throw new MissingTokenError();
      const claims = await check.verify(token);
      if (typeof claims.exp !== 'number' || typeof claims.sub !== 'string' || !claims.sub)
        throw new ClaimMissingError();
      return check.toPrincipal(claims);
    } catch (error) {
      if (error instanceof KeySetUnavailableError) throw error;
      if (!wasSignatureChecked(error)) await decoy();
      throw refusal(error, value === undefined);
    }
  };
}

/** Thrown when the issuer's keys could not be had: the server's fault, answered with 500. */
export class KeySetUnavailableError extends Error {
  readonly code = 'ERR_KEY_SET_UNAVAILABLE';

  constructor() {
    super('Cannot verify the token: the key set of the issuer is not available');
    this.name = 'KeySetUnavailableError';
  }
}

class MissingTokenError extends Error {}
/** A token that never expires, or that names nobody. */
class ClaimMissingError extends Error {}

/** RFC 6750 §2.1: `credentials = "Bearer" 1*SP b64token`. Another header than `authorization` may carry the token alone. */
function tokenOf(value: string | undefined, schemeRequired: boolean): string | undefined {
  const match = /^(bearer +)?([\w\-.~+/]+=*)$/i.exec(value ?? '');
  return match?.[1] === undefined && schemeRequired ? undefined : match?.[2];
}

/** aws-jwt-verify checks claims after the signature. */
function wasSignatureChecked(error: unknown): boolean {
  return (
    error instanceof JwtInvalidSignatureError ||
    error instanceof JwtInvalidClaimError ||
    error instanceof ClaimMissingError
  );
}

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
function refusal(error: unknown, missing: boolean): AccessDeniedError {
  if (missing) return new AccessDeniedError({ challenge: 'Bearer' });
  if (error instanceof JwtInvalidScopeError || error instanceof CognitoJwtInvalidGroupError) {
    return new AccessDeniedError({ status: 403, challenge: 'Bearer error="insufficient_scope"' });
  }
  return error instanceof JwtExpiredError
    ? new AccessDeniedError({
        challenge: 'Bearer error="invalid_token", error_description="The token expired"',
      })
    : new AccessDeniedError({ challenge: 'Bearer error="invalid_token"' });
}

/** Verifies a signature that is never right: an RSA verification is arithmetic modulo any odd number of 2048 bits. */
function createDecoy(): () => Promise<void> {
  const issuer = 'https://decoy.invalid';
  const verifier = JwtVerifier.create({ issuer, audience: null });
  const key = { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'decoy', e: 'AQAB' };
  verifier.cacheJwks({ keys: [{ ...key, n: `${'tbW1'.repeat(85)}tQ` }] });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${encode({ alg: 'RS256', kid: 'decoy' })}.${encode({ iss: issuer })}.${'Wlpa'.repeat(85)}Wg`;
  return () =>
    verifier.verify(token).then(
      () => undefined,
      () => undefined,
    );
}

/** Tells a key set that cannot be had from the one key that a token names, which may be of another use or kind: the caller chose it. */
class KeyCache extends SimpleJwksCache {
  override async getJwks(jwksUri: string): ReturnType<SimpleJwksCache['getJwks']> {
    try {
      return await super.getJwks(jwksUri);
    } catch {
      throw new KeySetUnavailableError();
    }
  }
}

/** A cache that answers from `jwks` alone and never from the network, or else one that fetches what it lacks. */
export function keyCache(jwks: JsonWebKeySet | undefined): SimpleJwksCache {
  if (jwks === undefined) return new KeyCache();
  const bytes = new TextEncoder().encode(JSON.stringify(jwks));
  return new KeyCache({
    fetcher: { fetch: async () => bytes.buffer },
    // Nothing is fetched, so a token with an unknown key needs no waiting period for the next.
    penaltyBox: {
      wait: async () => undefined,
      registerFailedAttempt: () => undefined,
      registerSuccessfulAttempt: () => undefined,
    },
  });
}

/** The space-separated `scope` claim as a list. */
export function scopesOf(claims: TokenClaims): readonly string[] {
  return typeof claims.scope === 'string' ? claims.scope.split(' ').filter(Boolean) : [];
}

/** Checks options at construction: throws a `TypeError` that names the one that is wrong. */
export function checkTokenOptions(
  action: string,
  options: object,
  known: readonly string[],
  jwks: unknown,
  header: unknown,
): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`${action}: unknown option "${name}"`);
  }
  if (jwks !== undefined && !isKeySet(jwks as never)) {
    throw new TypeError(
      `${action}: "jwks" must be an object with an array "keys" of JSON Web Keys`,
    );
  }
  if (typeof header !== 'string' || !/^[\w!#$%&'*+\-.^`|~]+$/.test(header)) {
    throw new TypeError(`${action}: "header" must be the name of a request header`);
  }
}

function isKeySet(value: Parameters<typeof isJwks>[0]): boolean {
  return isJwks(value) && value.keys.length > 0;
}

/** Checks an option that is a name or a list of names: throws a `TypeError` that says what it must be. */
export function checkNames(action: string, option: string, value: unknown, expected: string): void {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new TypeError(`${action}: "${option}" must be ${expected}`);
  }
}

/** A copy in the form that aws-jwt-verify's types ask for. */
export function toList<T extends string | null>(value: T | readonly string[]): T | string[] {
  return typeof value === 'object' && value !== null ? [...value] : value;
}
