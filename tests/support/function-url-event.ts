export interface UrlRequest {
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, as JSON otherwise; absent: no body. */
  body?: unknown;
  base64?: boolean;
}

/** The event that a function URL delivers, payload version 2.0. */
export function functionUrlEvent(request: UrlRequest = {}): Record<string, unknown> {
  const { method = 'POST', path = '/', body, base64 = false } = request;
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const now = new Date();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: {
      host: 'abcdefghij.lambda-url.us-east-1.on.aws',
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-forwarded-for': '203.0.113.1',
      'x-forwarded-proto': 'https',
      ...request.headers,
    },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghij',
      domainName: 'abcdefghij.lambda-url.us-east-1.on.aws',
      domainPrefix: 'abcdefghij',
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.1',
        userAgent: 'test',
      },
      requestId: crypto.randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    isBase64Encoded: base64,
    ...(text === undefined ? {} : { body: base64 ? Buffer.from(text).toString('base64') : text }),
  };
}

/** A valid run request with one user message. */
export function runInput(text: string, forwardedProps: unknown = {}): Record<string, unknown> {
  return {
    threadId: 'thread-1',
    runId: 'run-1',
    protocolVersion: '1.0',
    state: {},
    messages: [{ id: 'message-1', role: 'user', content: text }],
    tools: [],
    context: [],
    forwardedProps,
  };
}
