import type { HttpHeaders, HttpReply } from './http-exchange';

/** Where in the body something is wrong. */
export interface ProblemField {
  /** Dots before names, brackets around indexes, like `messages[0].content`; empty for the body itself. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemParts {
  readonly detail?: string | undefined;
  readonly errors?: readonly ProblemField[];
}

/** Node knows them too, but loading its `http` takes a cold start 40 ms, and there are platforms without it. */
const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
};

/** A complete answer of ours, which no cache may keep. */
export function reply(
  status: number,
  contentType: string,
  body: string,
  headers?: HttpHeaders,
): HttpReply {
  return {
    status,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', ...headers },
    body,
  };
}

/**
 * A problem as JSON. `type` is absent, which means `about:blank`: the status says it all.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1
 */
export function problem(status: number, parts?: ProblemParts, headers?: HttpHeaders): HttpReply {
  const body = JSON.stringify({ title: titles[status], status, ...parts });
  return reply(status, 'application/problem+json', body, headers);
}
