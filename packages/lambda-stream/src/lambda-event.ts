import type { HttpRequest } from './http-exchange';

/** The fields that are read of payload 2.0 (function URL) and of the REST API's proxy event (API Gateway). */
interface LambdaHttpEvent {
  readonly rawPath?: string;
  readonly path?: string;
  readonly httpMethod?: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly cookies?: readonly string[];
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: { readonly http?: { readonly method: string } };
}

/**
 * Reads a Lambda event as an HTTP request. What is neither payload 2.0 nor a REST API event reads as a request without a
 * method, which no route serves.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function readLambdaEvent(event: unknown, remainingTimeMs: () => number): HttpRequest {
  const http: LambdaHttpEvent = Object(event);
  const method = http.requestContext?.http?.method ?? http.httpMethod ?? '';
  return {
    method: method.toUpperCase(),
    path: http.rawPath || http.path || '/',
    headers: readHeaders(http),
    event,
    // API Gateway calls a function for the routes it was given; a function URL hands on every path.
    routed: http.httpMethod !== undefined,
    readBody: async (maxBytes) => {
      const bytes = Buffer.from(http.body ?? '', http.isBase64Encoded ? 'base64' : 'utf8');
      // As the other doors do, without a byte order mark.
      return bytes.length > maxBytes ? undefined : new TextDecoder().decode(bytes);
    },
    remainingTimeMs,
  };
}

function readHeaders({
  headers,
  multiValueHeaders,
  cookies,
}: LambdaHttpEvent): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) read[name.toLowerCase()] = value;
  }
  for (const name in multiValueHeaders) {
    const values = multiValueHeaders[name];
    if (values !== undefined) read[name.toLowerCase()] = values.join(', ');
  }
  if (cookies) read.cookie = cookies.join('; ');
  return read;
}
