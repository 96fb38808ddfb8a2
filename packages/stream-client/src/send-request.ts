import type { AuthHook, AuthReason, AuthRequest } from './auth/auth-hook';
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

/**
 * Sends one request with credentials, and once more with renewed ones when the server answers 401 or 403: such an answer
 * says that nothing was started. Follows no redirect: credentials and questions go to the configured address only.
 */
export async function sendRequest(
  endpoint: Endpoint,
  outgoing: OutgoingRequest,
): Promise<Response> {
  const { auth, fetch = globalThis.fetch } = endpoint;
  const { method, body, runId, signal } = outgoing;
  const separator = endpoint.url.includes('?') ? '&' : '?';
  const url =
    runId === undefined
      ? endpoint.url
      : `${endpoint.url}${separator}runId=${encodeURIComponent(runId)}`;
  for (let reason = outgoing.reason; ; reason = 'refreshed') {
    const renewal = auth && lastRenewal(auth);
    let request: AuthRequest;
    try {
      // Credentials that are being replaced would be refused.
      if (renewal) await renewal.catch(() => {});
      const { headers: extra } = endpoint;
      const headers = new Headers(typeof extra === 'function' ? await extra() : extra);
      for (const [name, value] of Object.entries(outgoing.headers)) headers.set(name, value);
      request = {
        url,
        method,
        headers: Object.fromEntries(headers),
        ...(body !== undefined && { body }),
      };
      const context = { attempt: outgoing.nextAttempt(), reason };
      if (auth) request = await auth.apply(request, context);
    } catch (cause) {
      if (cause instanceof AgentClientError) throw cause;
      throw new AuthError('Obtaining credentials failed', { cause });
    }
    const { url: address, ...init } = request;
    let response: Response;
    try {
      response = await fetch(address, { ...init, signal, redirect: 'manual', cache: 'no-store' });
    } catch (cause) {
      // A browser hides why: refused, offline and "the answer had no CORS headers" (as a 403 of AWS_IAM has none) look alike.
      const place = endpoint.url.replace(/[^/?#]*@|[?#].*/g, ''); // they may hold a secret
      throw new NetworkError(
        `Reaching "${place}" failed: offline, refused, or without CORS headers`,
        { cause },
      );
    }
    const { status } = response;
    const refused = status === 401 || status === 403;
    if (!refused || !auth?.refresh || reason === 'refreshed') return response;
    void response.body?.cancel().catch(() => undefined); // a body that already failed needs no cancelling
    await renew(auth, renewal, status, signal);
  }
}
