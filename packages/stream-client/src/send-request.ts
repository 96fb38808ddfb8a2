import { type AuthHook, type AuthReason, type AuthRequest, checkAuth } from './auth/auth-hook';
import { lastRenewal, renew } from './auth/renewals';
import { AgentClientError, AuthError, NetworkError } from './errors';

export type HeaderMap = Readonly<Record<string, string>>;

/** Where requests go, and what goes with each of them. */
export interface Endpoint {
  readonly url: string;
  readonly auth?: AuthHook | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly headers?: HeaderMap | (() => HeaderMap | Promise<HeaderMap>) | undefined;
}

export interface OutgoingRequest {
  readonly method: AuthRequest['method'];
  readonly headers: HeaderMap;
  readonly body?: string | undefined;
  /** Sent as `?runId=`: names an existing run. */
  readonly runId?: string | undefined;
  readonly signal: AbortSignal;
  readonly reason: AuthReason;
  /** Counts the requests of a run, for the hook. */
  nextAttempt(): number;
}

/** Throws a TypeError that names the option with which nothing could be sent. */
export function checkEndpoint({ url, auth }: Endpoint): void {
  // `fetch` would refuse it with a message that quotes the password.
  if (/^[^/?#]*\/\/[^/?#]*@/.test(url)) {
    throw new TypeError('"url" must hold no password');
  }
  checkAuth('auth', auth);
}

/**
 * Sends one request with credentials, and once more with renewed ones when the server answers 401 or 403: such an answer
 * says that nothing was started. Follows no redirect: credentials and questions go to the configured address only.
 */
export async function sendRequest(
  endpoint: Endpoint,
  outgoing: OutgoingRequest,
): Promise<Response> {
  const { auth, fetch = globalThis.fetch, headers: own } = endpoint;
  const { method, body, runId, signal } = outgoing;
  let [url = ''] = endpoint.url.split('#');
  if (runId !== undefined) {
    url += `${url.includes('?') ? '&' : '?'}runId=${encodeURIComponent(runId)}`;
  }
  for (let reason = outgoing.reason; ; reason = 'refreshed') {
    const renewal = auth && lastRenewal(auth);
    let request: AuthRequest;
    try {
      // Credentials that are being replaced would be refused.
      if (renewal) await renewal.catch(() => {});
      const given = typeof own === 'function' ? await own() : own;
      const headers = toHeaders({ ...toHeaders(given ?? {}), ...outgoing.headers });
      request = { url, method, headers, ...(body !== undefined && { body }) };
      const context = { attempt: outgoing.nextAttempt(), reason };
      if (auth) request = await auth.apply(request, context);
      request = { ...request, headers: toHeaders(request.headers) };
    } catch (cause) {
      if (cause instanceof AgentClientError) throw cause;
      throw new AuthError('Obtaining credentials failed', { cause });
    }
    let response: Response;
    try {
      response = await fetch(request.url, {
        ...request,
        signal,
        redirect: 'manual',
        cache: 'no-store',
      });
    } catch (cause) {
      // A browser hides why: refused, offline and "the answer had no CORS headers" (as a 403 of AWS_IAM has none) look alike.
      const place = url.split(/[?#]/)[0]; // they may hold a secret
      throw new NetworkError(
        `Reaching "${place}" failed: offline, refused, or without CORS headers`,
        { cause },
      );
    }
    const { status } = response;
    const refused = status === 401 || status === 403;
    if (!refused || !auth?.refresh || reason === 'refreshed') return response;
    void response.body?.cancel().catch(() => {}); // a body that already failed needs no cancelling
    await renew(auth, renewal, status, signal);
  }
}

/**
 * Names in lower case, the last value of each: `fetch` would join those of names that differ in case. Takes a `Headers` for what
 * it holds, where no type checker refuses it.
 */
function toHeaders(map: HeaderMap | Headers): HeaderMap {
  const headers = new Headers();
  for (const [name, value] of map instanceof Headers ? map : Object.entries(map)) {
    try {
      headers.set(name, value);
    } catch {
      // The platform's error quotes the value, which may be a token.
      throw new AuthError(`Unusable header "${name}"`, {});
    }
  }
  return Object.fromEntries(headers);
}
