import { JwtVerifier } from 'aws-jwt-verify';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { Authorize } from './authorize';
import type { JsonWebKeySet, TokenClaims } from './jwt-authorize';
import {
  authorizeByToken,
  checkNames,
  checkTokenOptions,
  keyCache,
  scopesOf,
  toList,
} from './jwt-authorize';

export type { JsonWebKeySet, TokenClaims } from './jwt-authorize';
export { KeySetUnavailableError } from './jwt-authorize';

/** Which tokens `jwt` accepts. */
export interface JwtOptions {
  /** The `iss` claim that a token must have, to the letter. */
  readonly issuer: string;
  /** The `aud` claim must name one of these; `null` accepts every audience. */
  readonly audience: string | readonly string[] | null;
  /** Where the issuer serves its key set. Default: `/.well-known/jwks.json` below `issuer`. */
  readonly jwksUri?: string;
  /** The issuer's key set, bundled: nothing is ever fetched, and a rotated key needs a deployment. Default: fetched when needed. */
  readonly jwks?: JsonWebKeySet;
  /** The token must have one of these scopes (`scope` claim), else 403. Default: not checked. */
  readonly scope?: string | readonly string[];
  /** The request header with the token. Default `authorization`, as `Bearer …`; any other may carry the token alone. */
  readonly header?: string;
}

/** Who calls, as a token says. */
export interface JwtPrincipal {
  /** The user's id at the issuer. */
  readonly sub: string;
  readonly scopes: readonly string[];
  /** Every claim of the token. May hold personal data: do not log it. */
  readonly claims: TokenClaims;
}

const OPTIONS = ['issuer', 'audience', 'jwksUri', 'jwks', 'scope', 'header'];

/**
 * Authorizes callers with a JSON Web Token of any issuer (Auth0, Entra ID, Keycloak, Okta, …).
 *
 * Checks signature (RS, ES and EdDSA algorithms), issuer, audience, expiry and, when given, scopes; a token must have `exp` and
 * `sub`. A missing, malformed, expired or wrongly signed token is refused with 401, a missing scope with 403. No token or
 * claim is logged or put into an error. Not checked: revocation; expiry during a run does not end the run.
 *
 * Needs the package `aws-jwt-verify`. The first request fetches the key set unless `jwks` is given.
 *
 * @throws {TypeError} At once, when an option is unknown, missing or of the wrong type.
 * @throws {KeySetUnavailableError} Per request, `ERR_KEY_SET_UNAVAILABLE`, when the key set cannot be fetched: answered with 500.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 * import { jwt } from '@magi/lambda-stream/jwt';
 *
 * export const handler = streamHandler(
 *   async function* ({ principal }) {
 *     yield `Hello ${principal.sub}`;
 *   },
 *   { authorize: jwt({ issuer: 'https://example.eu.auth0.com/', audience: 'https://chat.example.com' }) },
 * );
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 * @public
 */
export function jwt(options: JwtOptions): Authorize<JwtPrincipal> {
  const { issuer, audience, jwksUri, jwks, scope, header = 'authorization' } = options;
  const action = 'Cannot authorize by JWT';
  checkTokenOptions(action, options, OPTIONS, jwks, header);
  if (!isHttpsUrl(issuer) && (jwks ?? jwksUri) === undefined) {
    throw new TypeError(`${action}: "issuer" must be an https: URL, or give "jwksUri" or "jwks"`);
  }
  if (typeof issuer !== 'string' || issuer === '') {
    throw new TypeError(`${action}: "issuer" must be the issuer of the tokens`);
  }
  if (jwksUri !== undefined && !isHttpsUrl(jwksUri)) {
    throw new TypeError(`${action}: "jwksUri" must be an https: URL`);
  }
  if (audience !== null) {
    checkNames(action, 'audience', audience, 'an audience, a list of them, or null');
  }
  if (scope !== undefined) checkNames(action, 'scope', scope, 'a scope or a list of them');
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience: toList(audience),
      ...(scope === undefined ? {} : { scope: toList(scope) }),
      // With bundled keys it only names the cache entry.
      jwksUri: jwksUri ?? (jwks === undefined ? defaultJwksUri(issuer) : 'https://bundled.invalid'),
    },
    { jwksCache: keyCache(jwks) },
  );
  return authorizeByToken({
    verify: async (token) => {
      // Before the signature: aws-jwt-verify caches a key per `iss` that it has not verified yet, without a bound.
      if (decomposeUnverifiedJwt(token).payload.iss !== issuer) {
        throw new Error('Another issuer');
      }
      return { ...(await verifier.verify(token)) };
    },
    toPrincipal: (claims) => ({ sub: String(claims.sub), scopes: scopesOf(claims), claims }),
    header: header.toLowerCase(),
  });
}

function defaultJwksUri(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
}

function isHttpsUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:';
}
