import type { OptionRule } from './check-options';
import { aBoolean, arrayOf, checkOptions, numberFrom, ORIGIN, text } from './check-options';
import { given } from './given';
import type { HttpHeaders } from './http-exchange';

/** Cross-origin access for fronts that do not answer it themselves. */
export interface CorsOptions {
  /** Origins that may read the response, as browsers send them: `https://host[:port]` without a path or a default port; `*` for any. Never `*` together with `credentials`. */
  readonly origins: readonly string[] | '*';
  /** Request headers that a page may send; `*` is any but authorization, and never together with `credentials`. Default: authorization, content-type, last-event-id, traceparent, x-amz-content-sha256. */
  readonly headers?: readonly string[];
  /** Response headers that a page may read. Never `*` together with `credentials`. Default: none. */
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
const [, isOriginList] = arrayOf([
  '',
  // A browser leaves the default port out.
  (value) => ORIGIN.test(String(value)) && !/^http(:.*:80|s:.*:443)$/.test(String(value)),
]);

/**
 * Returns the function that adds to a response what a browser asks for.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors(
  action: string,
  options: CorsOptions,
): (origin: string | undefined, preflight: boolean) => HttpHeaders {
  const {
    origins,
    headers = HEADERS,
    exposeHeaders = [],
    credentials = false,
    maxAgeSeconds = 600,
  } = options;
  // With credentials browsers take `*` for a name. A comma would make two of one.
  const aNameList = arrayOf(text('names', credentials ? /^[!-)+\--~]+$/ : /^[!-+\--~]+$/));
  const rules: Readonly<Record<string, OptionRule>> = {
    origins: [
      'an array of origins, or "*" without "cors.credentials"; no path, no default port',
      (value) => (value === '*' ? !credentials : isOriginList(value)),
    ],
    headers: aNameList,
    exposeHeaders: aNameList,
    credentials: aBoolean,
    maxAgeSeconds: numberFrom(0),
  };
  checkOptions(action, { ...given(options), origins }, rules, 'cors.');
  return (origin, preflight) => {
    const any = origins === '*';
    // The answer depends on the origin even where it is refused, so that no cache may hand it to another one.
    const vary: HttpHeaders = any ? {} : { vary: 'origin' };
    if (!origin || !(any || origins.includes(origin))) return vary;
    return {
      ...vary,
      'access-control-allow-origin': any ? '*' : origin,
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
