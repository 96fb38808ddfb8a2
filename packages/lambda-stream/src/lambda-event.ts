import type { HttpRequest } from './http-exchange';
import { joinHeaders } from './join-headers';

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
  const { headers, multiValueHeaders, cookies } = http;
  const kept = cookies && { cookie: cookies };
  const method = http.requestContext?.http?.method ?? http.httpMethod ?? '';
  return {
    method: method.toUpperCase(),
    path: http.rawPath || http.path || '/',
    // What API Gateway gives in lists it gives as its last value, too.
    headers: joinHeaders(Object.entries({ ...headers, ...multiValueHeaders, ...kept })),
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
