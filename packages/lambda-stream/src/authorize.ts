import { given } from './given';

/** What an `authorize` function may look at. The body is not part of it: who calls is decided before it is parsed. */
export interface AuthorizeRequest {
  readonly method: string;
  readonly path: string;
  /**
   * Names in lower case; a header that was sent several times has its values joined by `, `, cookies by `; `. A front may have
   * joined them before, as a function URL does by `,`.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The Lambda event behind the request, where an IAM or API Gateway authorizer leaves the caller; `undefined` outside Lambda. */
  readonly event: unknown;
}

/**
 * Decides who is calling, before the first byte of the response.
 *
 * The value it returns (or resolves to) is the run's `principal`. To refuse, throw {@link AccessDeniedError}; `undefined`, `null` and
 * `false` refuse with 401 as well. Any other error answers 500 and never runs the agent.
 */
export type Authorize<TPrincipal> = (request: AuthorizeRequest) => TPrincipal | Promise<TPrincipal>;

export interface AccessDeniedOptions {
  /** 401: not known who calls. 403: known, but not allowed. Default: 401. */
  readonly status?: 401 | 403;
  /** The `WWW-Authenticate` value of a 401. Default: `Bearer`. Never put a token or its contents here. */
  readonly challenge?: string;
  /** Shown to the client as the problem's `detail`. Default: none. */
  readonly detail?: string;
  /** For code of yours that catches the error. Neither sent nor logged, nor handed to `onError`: it may hold a token. */
  readonly cause?: unknown;
}

/**
 * Thrown by an `authorize` function to refuse a request with 401 or 403.
 *
 * @throws TypeError when `challenge` could not be a header value.
 *
 * @example
 * ```ts
 * import { AccessDeniedError } from '@magi/lambda-stream';
 *
 * const authorize = ({ headers }) => {
 *   if (headers['x-api-key'] !== process.env.API_KEY) throw new AccessDeniedError({ challenge: 'ApiKey' });
 *   return { name: 'internal' };
 * };
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export class AccessDeniedError extends Error {
  readonly code = 'ERR_ACCESS_DENIED';
  readonly status: 401 | 403;
  readonly challenge: string;
  readonly detail: string | undefined;

  constructor({ status = 401, challenge = 'Bearer', detail, cause }: AccessDeniedOptions = {}) {
    if (!/^[\x20-\x7e]+$/.test(challenge)) {
      throw new TypeError('Option "challenge" must be printable ASCII, as a header value');
    }
    super(
      status === 401 ? 'Access denied: not authenticated' : 'Access denied: not allowed',
      given({ cause }),
    );
    this.name = 'AccessDeniedError';
    this.status = status;
    this.challenge = challenge;
    this.detail = detail;
  }
}
