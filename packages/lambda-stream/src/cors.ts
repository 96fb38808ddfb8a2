import type { HttpHeaders } from './http-exchange';

/** Cross-origin access for fronts that do not answer it themselves. */
export interface CorsOptions {
  /** Origins that may read the response, as `https://host[:port]`; `*` for any. Never `*` together with `credentials`. */
  readonly origins: readonly string[] | '*';
  /** Request headers that a page may send. Default: authorization, content-type, last-event-id, traceparent, x-amz-content-sha256. */
  readonly headers?: readonly string[];
  /** Response headers that a page may read. Default: none. */
  readonly exposeHeaders?: readonly string[];
  /** Whether cookies may come along. Default: false. */
  readonly credentials?: boolean;
  /** How long a browser may remember the answer. Seconds, 0 or more. Default: 600 (10 minutes). */
  readonly maxAgeSeconds?: number;
}

const HEADERS = [
  'authorization',
  'content-type',
  'last-event-id',
  'traceparent',
  'x-amz-content-sha256',
];

/**
 * Returns the function that adds to a response what a browser asks for.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors({
  origins,
  headers = HEADERS,
  exposeHeaders = [],
  credentials = false,
  maxAgeSeconds = 600,
}: CorsOptions): (origin: string | undefined, preflight: boolean) => HttpHeaders {
  if (origins === '*' ? credentials : !Array.isArray(origins)) {
    throw new TypeError(
      'Cannot create handler: "cors.origins" must be a list of origins, or "*" without "cors.credentials"',
    );
  }
  return (origin, preflight) => {
    // The answer depends on the origin even where it is refused, so that no cache may hand it to another one.
    const vary: HttpHeaders = origins === '*' ? {} : { vary: 'origin' };
    if (origin === undefined || (origins !== '*' && !origins.includes(origin))) return vary;
    return {
      ...vary,
      'access-control-allow-origin': origins === '*' ? '*' : origin,
      ...(credentials && { 'access-control-allow-credentials': 'true' }),
      ...(exposeHeaders.length > 0 && {
        'access-control-expose-headers': exposeHeaders.join(', '),
      }),
      ...(preflight && {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': headers.join(', '),
        'access-control-max-age': String(maxAgeSeconds),
      }),
    };
  };
}
