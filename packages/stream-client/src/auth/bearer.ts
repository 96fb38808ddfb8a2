import { AuthError } from '../errors';
import { shareFlight } from '../share-flight';
import { withDefaults } from '../with-defaults';
import type { AuthHook, AuthReason, AuthRequest } from './auth-hook';

export interface TokenContext {
  /** 1 for the first request of a run; 0 when the token is renewed, for however many runs. */
  readonly attempt: number;
  readonly reason: AuthReason;
  /** The last token was refused or is about to expire: a cached one will not do. */
  readonly forceRefresh: boolean;
}

export type GetToken = (context: TokenContext) => string | Promise<string>;

export interface BearerOptions {
  /** The request header. Default: `authorization`. Choose another where that slot is taken, as behind a CloudFront OAC. */
  readonly header?: string;
  /**
   * A JWT with less than this left is renewed before it is used. Milliseconds, 0 or more. Default: 120 000 (2 minutes).
   * Tokens that are not JWTs are used as they are.
   */
  readonly refreshBeforeMs?: number;
}

/**
 * Sends `Bearer <token>`; asks for the token at each request, so a reconnect never uses one that expired meanwhile.
 *
 * After a 401 or 403, and shortly before a JWT's `exp`, it calls `getToken` with `forceRefresh: true`, once for all runs that wait.
 * Reads `exp` but verifies nothing.
 *
 * A failing or empty `getToken` ends the run with `AuthError` (`ERR_AUTH`).
 *
 * @example
 * ```ts
 * import { bearer, createAgentClient } from '@magi/stream-client';
 *
 * const auth = bearer(async ({ forceRefresh }) => {
 *   const response = await fetch('/token', { cache: forceRefresh ? 'reload' : 'default' });
 *   return response.text();
 * });
 * const client = createAgentClient({ url: 'https://agent.example/', auth });
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearer(getToken: GetToken, options: BearerOptions = {}): AuthHook {
  if (typeof getToken !== 'function') throw new TypeError('"getToken" must be a function');
  const { header, refreshBeforeMs } = withDefaults('', options, {
    header: 'authorization',
    refreshBeforeMs: 120_000,
  });
  let renewed: string | undefined;
  let last: string | undefined;
  const renew = shareFlight(async () => {
    renewed = await getToken({ attempt: 0, reason: 'refreshed', forceRefresh: true });
    return renewed;
  });

  return {
    async apply(request: AuthRequest, { attempt, reason }) {
      let token = reason === 'refreshed' && renewed;
      if (!token) {
        token = await getToken({ attempt, reason, forceRefresh: false });
        // Another one than before is newer than the renewed one; the same may be a cache that never learnt of that.
        if (token !== last) renewed = undefined;
        last = token;
      }
      if (expiresAtMs(token) - Date.now() < refreshBeforeMs) token = await renew();
      // A header would refuse such a token with a message that quotes it.
      if (!/^[\x21-\x7e]+$/.test(token ?? '')) {
        throw new AuthError('"getToken" gave no usable token', {});
      }
      return { ...request, headers: { ...request.headers, [header]: `Bearer ${token}` } };
    },
    async refresh() {
      await renew();
    },
  };
}

/** `exp` of a JWT in milliseconds; infinitely late for anything else. */
function expiresAtMs(token: string): number {
  try {
    const payload = token.split('.')[1] ?? '';
    const { exp } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    return exp > 0 ? exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
