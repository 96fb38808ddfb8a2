import { withDefaults } from '../with-defaults';
import type { AuthHook } from './auth-hook';

export interface CookieOptions {
  /** The request header that carries the CSRF token. Default: `x-csrf-token`. */
  readonly csrfHeader?: string;
  /** Where the CSRF token comes from: the name of a readable cookie, or a function. Default: none is sent. */
  readonly csrfToken?: string | (() => string | undefined | Promise<string | undefined>);
  /** Renews the session after a 401 or 403. Default: the refusal is final. */
  refresh?(): Promise<void>;
}

/**
 * Sends the page's cookies, also to another origin, and a CSRF token beside them.
 *
 * Another origin must allow credentials by CORS, with the page's origin spelt out. A CSRF token that is missing is not sent: the
 * server must refuse the request.
 *
 * @example
 * ```ts
 * import { cookie, createAgentClient } from '@magi/stream-client';
 *
 * const client = createAgentClient({ url: '/api/agent', auth: cookie({ csrfToken: 'csrf' }) });
 * ```
 *
 * @see https://fetch.spec.whatwg.org/#concept-request-credentials-mode
 */
export function cookie(options: CookieOptions = {}): AuthHook {
  const { csrfHeader, csrfToken, refresh } = withDefaults('', options, {
    csrfHeader: 'x-csrf-token',
    csrfToken: undefined,
    refresh: undefined,
  });
  return {
    async apply(request) {
      const token = typeof csrfToken === 'function' ? await csrfToken() : readCookie(csrfToken);
      const headers = token ? { ...request.headers, [csrfHeader]: token } : request.headers;
      return { ...request, headers, credentials: 'include' };
    },
    ...(refresh && { refresh: () => refresh() }),
  };
}

function readCookie(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const prefix = `${name}=`;
  const pair = globalThis.document?.cookie.split('; ').find((entry) => entry.startsWith(prefix));
  const value = pair?.slice(prefix.length);
  try {
    return value && decodeURIComponent(value);
  } catch {
    // Not every server encodes what it puts into a cookie.
    return value;
  }
}
