/** The part of an SDK command's middleware stack that is used; the SDK's own type differs from command to command. */
export interface CommandStack {
  add(
    middleware: never,
    options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
  ): void;
}

type Deserialize = (args: unknown) => Promise<{ readonly response: unknown }>;

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
export function watchResponse(stack: CommandStack): ResponseWatch {
  let body: { readonly readableEnded?: boolean } | undefined;
  let requestId: string | undefined;
  const watch = (next: Deserialize) => async (args: unknown) => {
    const result = await next(args);
    const response = result.response as {
      readonly body?: { readonly readableEnded?: boolean };
      readonly headers?: Readonly<Record<string, string>>;
    };
    body = response.body ?? {};
    requestId = response.headers?.['x-amzn-requestid'];
    return result;
  };
  stack.add(watch as never, { step: 'deserialize', priority: 'low', name: 'magiWatchResponse' });
  return {
    hasStarted: () => body !== undefined,
    requestId: () => requestId,
    isComplete: () => body?.readableEnded !== false,
  };
}
