import type { MiddlewareStack } from '@smithy/types';

/** What is known about the HTTP response of a command. */
export interface ResponseWatch {
  hasStarted(): boolean;
  requestId(): string | undefined;
  /**
   * Whether the body ended as the transport says a complete one does.
   *
   * The SDK's HTTP/2 transport ends the iteration without an error when the connection is cut, so the end of the
   * iteration proves nothing. A body that cannot tell counts as complete: the other transports throw.
   */
  isComplete(): boolean;
}

/** Watches the last response to a command through the command's own middleware stack. */
export function watchResponse<TInput extends object, TOutput extends object>(
  stack: MiddlewareStack<TInput, TOutput>,
): ResponseWatch {
  let body: { readonly readableEnded?: boolean } | undefined;
  let requestId: string | undefined;
  stack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as {
        readonly body?: { readonly readableEnded?: boolean };
        readonly headers?: Readonly<Record<string, string>>;
      };
      body = response.body ?? {};
      requestId = response.headers?.['x-amzn-requestid'];
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'magiWatchResponse' },
  );
  return {
    hasStarted: () => body !== undefined,
    requestId: () => requestId,
    isComplete: () => body?.readableEnded !== false,
  };
}
