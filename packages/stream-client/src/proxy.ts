import { checkEndpoint, type Endpoint, sendRequest } from './send-request';
import { withDefaults } from './with-defaults';

export interface ForwardRunOptions extends Endpoint {
  /** Where every request goes, whatever the incoming one says; without a user or a password. Redirects are not followed. */
  readonly url: string;
  /**
   * Decides before anything is sent: `true` lets the request pass, `false` answers 401, a `Response` is the answer.
   * Default: everything passes, so verify the request before you call, or here. To look at the body, read a `clone()`.
   */
  authorize?(request: Request): boolean | Response | Promise<boolean | Response>;
  /** Told of what a 502 hides from the browser; what it throws is ignored. Default: nobody is. Its errors may name the agent's address: for the server's own log. */
  onError?(error: unknown): void;
  /** The largest request body. Bytes, at least 1. Default: 1 048 576 (1 MiB). A larger one is answered with 413. */
  readonly maxBodyBytes?: number;
}

const DEFAULTS = {
  url: '',
  auth: undefined,
  fetch: undefined,
  headers: undefined,
  authorize: undefined,
  onError: undefined,
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
 * read the stream, and answers failures of its own with a problem (RFC 9457) that names no internals: 401, 405, 413, 415 for an
 * encoded body, 502. Rejects only with what `authorize` throws, and when that has read the body.
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
  checkEndpoint(options);
  for (const name of ['authorize', 'onError'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new TypeError(`"${name}" must be a function`);
    }
  }
  const { method, signal } = request;
  const allowed = options.authorize ? await options.authorize(request) : true;
  if (allowed !== true) return allowed || problem(401, 'Unauthorized');
  if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') {
    return problem(405, 'Method Not Allowed');
  }
  if (request.headers.has('content-encoding')) return problem(415, 'Unsupported Media Type');
  if (request.bodyUsed) throw new TypeError('"authorize" must leave the body: read a clone()');

  // A log that fails is no reason to leave the browser without an answer.
  const report = (error: unknown): void => {
    (async () => options.onError?.(error))().catch(() => {});
  };
  let attempts = 0;
  const send = async (): Promise<Response | undefined> => {
    const body = method === 'POST' ? await readBody(request, maxBodyBytes) : undefined;
    if (body === null) return undefined;
    return sendRequest(options, {
      method,
      body,
      signal,
      headers: only(REQUEST_HEADERS, request.headers),
      runId: new URL(request.url).searchParams.get('runId') ?? undefined,
      reason: method === 'POST' ? 'start' : method === 'GET' ? 'reconnect' : 'cancel',
      nextAttempt: () => ++attempts,
    });
  };
  let response: Response | undefined;
  try {
    response = await Promise.race([send(), aborted(signal)]);
    if (response === undefined) return problem(413, 'Content Too Large');
  } catch (error) {
    // What failed here is this server's business: the browser learns that it did.
    report(error);
    return problem(502, 'Bad Gateway');
  }
  const { status } = response;
  // A refusal or a redirect answers this server's request, not the browser's; no Response can have what HTTP has not.
  const isOurs = status === 401 || status === 403 || (status >= 300 && status < 400);
  if (isOurs || status < 200 || status > 599) {
    await response.body?.cancel();
    report(new Error(`The agent answered with HTTP ${status || 'redirect'}`));
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

/** Rejects when the browser leaves: credentials that never come must not be waited for. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
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
