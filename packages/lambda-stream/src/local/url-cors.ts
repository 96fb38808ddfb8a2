import type { IncomingMessage, ServerResponse } from 'node:http';
import { aBoolean, aNameList, arrayOf, numberWithin, ORIGIN, text } from '../check-options';

/** A function URL's CORS setting, with the names of AWS's API in camel case. */
export interface UrlCors {
  /** Origins that may call, as `https://host[:port]` without a path, or `['*']`. */
  readonly allowOrigins: readonly string[];
  /** Methods that may be used, or `['*']`. Default: none. */
  readonly allowMethods?: readonly string[];
  /** Request headers that may be sent, or `['*']`. Default: none. */
  readonly allowHeaders?: readonly string[];
  /** Response headers that a page may read. Default: none. */
  readonly exposeHeaders?: readonly string[];
  /** Default: false. */
  readonly allowCredentials?: boolean;
  /** Seconds a browser may remember a preflight answer. 0 to 86 400; default: 0. */
  readonly maxAge?: number;
}

/** What each member of {@link UrlCors} must be. */
export const URL_CORS_RULES = {
  allowOrigins: arrayOf(
    text('origins such as "https://host", or of "*"', new RegExp(`^\\*$|${ORIGIN.source}`)),
  ),
  allowMethods: aNameList,
  allowHeaders: aNameList,
  exposeHeaders: aNameList,
  allowCredentials: aBoolean,
  maxAge: numberWithin(0, 86_400),
};

/**
 * Answers a preflight without calling the handler, and adds the headers to every other response.
 * Returns whether the request was answered.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
export function applyCors(
  cors: UrlCors,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = request.headers;
  const any = cors.allowOrigins.includes('*');
  const allowed = origin !== undefined && (any || cors.allowOrigins.includes(origin));
  const headers: Record<string, string> = { vary: 'Origin' };
  if (allowed) {
    // `*` and credentials exclude each other, so the origin itself is named.
    headers['access-control-allow-origin'] = any && !cors.allowCredentials ? '*' : origin;
    if (cors.allowCredentials) headers['access-control-allow-credentials'] = 'true';
    if (cors.exposeHeaders?.length) {
      headers['access-control-expose-headers'] = cors.exposeHeaders.join(',');
    }
  }
  const preflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
  if (preflight && allowed) {
    headers['access-control-allow-methods'] = (cors.allowMethods ?? []).join(',');
    headers['access-control-allow-headers'] = (cors.allowHeaders ?? []).join(',');
    headers['access-control-max-age'] = String(cors.maxAge ?? 0);
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (preflight) response.writeHead(200).end();
  return preflight;
}
