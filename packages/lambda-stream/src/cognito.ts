import { CognitoJwtVerifier } from 'aws-jwt-verify';
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

/** Which tokens `cognito` accepts. */
export interface CognitoOptions {
  /** The user pool, for example `ap-northeast-1_AbCdEfGhI`. */
  readonly userPoolId: string;
  /** The app client, or several; `null` accepts every client of the pool. */
  readonly clientId: string | readonly string[] | null;
  /** Which kind of token; `null` accepts both. Default `access`. */
  readonly tokenUse?: 'access' | 'id' | null;
  /** The caller must be in one of these groups, else 403. Default: not checked. */
  readonly groups?: string | readonly string[];
  /** An access token must have one of these scopes, else 403. Default: not checked. */
  readonly scope?: string | readonly string[];
  /** The request header with the token. Default `authorization`, as `Bearer …`; any other may carry the token alone. */
  readonly header?: string;
  /** The pool's key set, bundled: nothing is ever fetched, and a rotated key needs a deployment. Default: fetched when needed. */
  readonly jwks?: JsonWebKeySet;
}

/** Who calls, as a Cognito token says. */
export interface CognitoPrincipal {
  /** The user's id, stable for life; the client id with client credentials. */
  readonly sub: string;
  readonly username: string | undefined;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly tokenUse: 'access' | 'id';
  readonly clientId: string | undefined;
  /** Every claim of the token. May hold personal data: do not log it. */
  readonly claims: TokenClaims;
}

const OPTIONS = ['userPoolId', 'clientId', 'tokenUse', 'groups', 'scope', 'header', 'jwks'];

/**
 * Authorizes callers with a token of an Amazon Cognito user pool.
 *
 * Checks signature, issuer, expiry, client, token use and, when given, groups and scopes. A missing, malformed, expired or
 * wrongly signed token is refused with 401, a missing group or scope with 403. No token or claim is logged or put into an error.
 * Not checked: whether the token was revoked or the user was deleted since; expiry during a run does not end the run.
 *
 * Needs the package `aws-jwt-verify`. The first request fetches the key set unless `jwks` is given.
 *
 * @throws {TypeError} At once, when an option is unknown, missing or of the wrong type.
 * @throws {KeySetUnavailableError} Per request, `ERR_KEY_SET_UNAVAILABLE`, when the key set cannot be fetched: answered with 500.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 * import { cognito } from '@magi/lambda-stream/cognito';
 *
 * export const handler = streamHandler(
 *   async function* ({ principal }) {
 *     yield `Hello ${principal.username}`;
 *   },
 *   { authorize: cognito({ userPoolId: 'ap-northeast-1_AbCdEfGhI', clientId: '1example23456789' }) },
 * );
 * ```
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 * @public
 */
export function cognito(options: CognitoOptions): Authorize<CognitoPrincipal> {
  const { userPoolId, clientId, tokenUse = 'access', groups, scope, jwks } = options;
  const { header = 'authorization' } = options;
  const action = 'Cannot authorize by Cognito';
  checkTokenOptions(action, options, OPTIONS, jwks, header);
  if (
    typeof userPoolId !== 'string' ||
    !/^(eusc-)?[a-z]{2}-(gov-)?[a-z]+-\d_[a-zA-Z\d]+$/.test(userPoolId)
  ) {
    throw new TypeError(
      `${action}: "userPoolId" must be the id of a user pool, like ap-northeast-1_AbCdEfGhI`,
    );
  }
  if (clientId !== null) {
    checkNames(action, 'clientId', clientId, 'a client id, a list of them, or null');
  }
  if (tokenUse !== null && tokenUse !== 'access' && tokenUse !== 'id') {
    throw new TypeError(`${action}: "tokenUse" must be "access", "id" or null`);
  }
  if (groups !== undefined) checkNames(action, 'groups', groups, 'a group or a list of them');
  if (scope !== undefined) {
    checkNames(action, 'scope', scope, 'a scope or a list of them');
    if (tokenUse === 'id') {
      throw new TypeError(`${action}: "scope" must be absent: an id token has no scopes`);
    }
  }
  const verifier = CognitoJwtVerifier.create(
    {
      userPoolId,
      clientId: toList(clientId),
      tokenUse,
      groups: groups === undefined ? null : toList(groups),
      scope: scope === undefined ? null : toList(scope),
    },
    { jwksCache: keyCache(jwks) },
  );
  return authorizeByToken({
    verify: async (token) => ({ ...(await verifier.verify(token)) }),
    toPrincipal,
    header: header.toLowerCase(),
  });
}

function toPrincipal(claims: TokenClaims): CognitoPrincipal {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const groups = claims['cognito:groups'];
  return {
    sub: text(claims.sub) ?? '',
    username: text(claims.username) ?? text(claims['cognito:username']),
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
    scopes: scopesOf(claims),
    tokenUse: claims.token_use === 'id' ? 'id' : 'access',
    clientId: text(claims.client_id) ?? text(claims.aud),
    claims,
  };
}
