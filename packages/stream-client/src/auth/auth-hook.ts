/** The request an auth hook may change, just before it is sent. */
export interface AuthRequest {
  readonly url: string;
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text that will be sent; absent for GET and DELETE. */
  readonly body?: string;
  readonly credentials?: 'include' | 'omit' | 'same-origin';
}

/** Why a request is being made. */
export type AuthReason = 'start' | 'refreshed' | 'reconnect' | 'cancel';

export interface AuthContext {
  /** 1 for the first request of a run, counting every request after it. */
  readonly attempt: number;
  readonly reason: AuthReason;
}

/** Why credentials are renewed: the server answered 401 or 403. */
export type RefreshReason = 'unauthorized' | 'forbidden';

/** Puts credentials on requests. Asked anew for each request, so a token is never older than the attempt that uses it. */
export interface AuthHook {
  apply(request: AuthRequest, context: AuthContext): AuthRequest | Promise<AuthRequest>;
  /** Renews the credentials. Called at most once at a time for a client, whatever number of runs were refused. */
  refresh?(reason: RefreshReason): Promise<void>;
  /** A hook is no function. Without this `getToken` would do for `bearer(getToken)`, because every function has an `apply`. */
  readonly bind?: never;
}

/** Throws a TypeError that names the option when it holds something else than a hook. */
export function checkAuth(name: string, auth: AuthHook | undefined): void {
  // A function has an `apply` too.
  if (auth && (auth.bind || typeof auth.apply !== 'function')) {
    throw new TypeError(`"${name}" must be a hook such as bearer(getToken)`);
  }
}
