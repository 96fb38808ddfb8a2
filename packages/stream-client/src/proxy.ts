import { checkAuth } from './auth/auth-hook';
import { type Endpoint, sendRequest } from './send-request';
import { withDefaults } from './with-defaults';

export interface ForwardRunOptions extends Endpoint {
  /** Where every request goes, whatever the incoming one says. Redirects are not followed. */
  readonly url: string;
  /**
   * Decides before anything is sent: `true` lets the request pass, `false` answers 401, a `Response` is the answer.
   * Default: everything passes, so verify the request before you call, or here.
   */
  authorize?(request: Request): boolean | Response | Promise<boolean | Response>;
  /** The largest request body. Bytes, at least 1. Default: 1 048 576 (1 MiB). A larger one is answered with 413. */
  readonly maxBodyBytes?: number;
}

const DEFAULTS = {
  url: '',
  auth: undefined,
  fetch: undefined,
  headers: undefined,
  authorize: undefined,
  maxBodyBytes: 1024 * 1024,
};
// Lists of what passes, not of what is stripped: a header nobody thought of may be a credential.
const REQUEST_HEADERS = ['accept', 'content-type', 'last-event-id', 'traceparent', 'tracestate'];
const RESPONSE_HEADERS = ['content-type', 'retry-after'];

/**
 * Passes a run through to the agent at `url`, with the server's own credentials: for a Next.js route handler or any fetch server.
 *
 * Streams the answer as it comes, and ends the request to the agent when the browser leaves. Passes the method (POST, GET,
 * DELETE), the body, `?runId=` and a few headers on: no cookie, no authorization, nothing hop-by-hop. Does not buffer, retry or
 * read the stream, and answers failures of its own with a problem (RFC 9457) that names no internals.
 *
 * @throws TypeError for an option that is unknown or of the wrong kind, or a missing `url`; RangeError for a number out of bounds.
 *
 * @example
 * ```ts
 * import { bearer, forwardRun } from '@magi/stream-client';
 *
 * export function POST(request: Request): Promise<Response> {
 *   return forwardRun(request, { url: 'https://agent.example/', auth: bearer(() => 'token') });
 * }
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
export async function forwardRun(request: Request, options: ForwardRunOptions): Promise<Response> {
  const { maxBodyBytes } = withDefaults('', { ...options, url: options.url ?? '' }, DEFAULTS, 1);
  checkAuth('auth', options.auth);
  if (options.authorize !== undefined && typeof options.authorize !== 'function') {
    throw new TypeError('"authorize" must be a function');
  }
  const { method, signal } = request;
  const allowed = options.authorize ? await options.authorize(request) : true;
  if (allowed !== true) return allowed || problem(401, 'Unauthorized');
  if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') {
    return problem(405, 'Method Not Allowed');
  }
  const body = method === 'POST' ? await readBody(request, maxBodyBytes) : undefined;
  if (body === null) return problem(413, 'Content Too Large');

  let attempts = 0;
  let response: Response;
  try {
    response = await sendRequest(options, {
      method,
      body,
      signal,
      headers: only(REQUEST_HEADERS, request.headers),
      runId: new URL(request.url).searchParams.get('runId') ?? undefined,
      reason: method === 'POST' ? 'start' : method === 'GET' ? 'reconnect' : 'cancel',
      nextAttempt: () => ++attempts,
    });
  } catch {
    // What failed here is this server's business: the browser learns that it did.
    return problem(502, 'Bad Gateway');
  }
  const { status } = response;
  // A refusal or a redirect answers this server's request, not the browser's.
  if (status === 401 || status === 403 || status < 200 || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    return problem(502, 'Bad Gateway');
  }
  return new Response(response.body, {
    status,
    headers: {
      ...only(RESPONSE_HEADERS, response.headers),
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

function only(names: readonly string[], headers: Headers): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** The body as text, or null when it is too large. Signing needs the whole of it. */
async function readBody(request: Request, maxBytes: number): Promise<string | null> {
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

function problem(status: number, title: string): Response {
  return new Response(JSON.stringify({ type: 'about:blank', title, status }), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
