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
  readonly headers?: HttpHeaders;
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
};

/**
 * A problem as JSON. `type` is absent, which means `about:blank`: the status says it all.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-4.2.1
 */
export function problem(status: number, { detail, errors, headers }: ProblemParts = {}): HttpReply {
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify({ title: TITLES[status], status, detail, errors }),
  };
}
