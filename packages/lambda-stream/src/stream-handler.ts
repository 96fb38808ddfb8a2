import type { RunAgentInput } from '@magi/stream-protocol';
import { aBoolean } from './check-options';
import type { EngineOptions } from './engine-options';
import { resolveOptions } from './engine-options';
import type { HttpHeaders, ResponseSink } from './http-exchange';
import { readLambdaEvent } from './lambda-event';
import type { Run } from './run-request';
import { serveRequest } from './serve-request';
import { createWritableSink, type WritableLike, type WritableSink } from './writable-sink';

/** The stream that the Lambda runtime hands to a streaming handler. It is not a `stream.Writable`. */
export interface LambdaResponseStream extends WritableLike {
  setContentType(contentType: string): void;
  listeners?(event: string): unknown[];
  readonly writableNeedDrain: boolean;
}

/** What is used of the Lambda context. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  callbackWaitsForEmptyEventLoop?: boolean;
}

/** A handler that the Lambda runtime runs in response streaming mode. */
export type StreamHandler = (
  event: unknown,
  responseStream: LambdaResponseStream,
  context: LambdaContext,
) => Promise<void>;

export interface StreamHandlerOptions<TInput, TPrincipal>
  extends EngineOptions<TInput, TPrincipal> {
  /**
   * Whether a failed run also fails the invocation, so that Lambda's `Errors` metric counts it. The client has its
   * RUN_ERROR either way; the platform learns the error code, no message and no stack. Default: true.
   */
  readonly failInvocation?: boolean;
}

/**
 * Makes a Lambda handler that answers each request with the run's events, as they come.
 *
 * Works behind a function URL with InvokeMode RESPONSE_STREAM and behind a REST API integration with response transfer
 * mode STREAM. Importing this module and calling this function touch no global: the handler can be made and tested
 * anywhere. Does not learn that a browser left: Lambda does not say.
 *
 * @throws TypeError, RangeError for an unknown option or a wrong value.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 *
 * export const handler = streamHandler(
 *   async function* ({ input }) {
 *     yield `You have sent ${input.messages.length} messages.`;
 *   },
 *   { authorize: null },
 * );
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export function streamHandler<TInput = RunAgentInput, TPrincipal = undefined>(
  run: Run<TInput, TPrincipal>,
  options: StreamHandlerOptions<TInput, TPrincipal>,
): StreamHandler {
  const resolved = resolveOptions(run, options, { failInvocation: aBoolean });
  const { failInvocation = true } = options;
  const handler: StreamHandler = async (event, responseStream, context) => {
    // Before Node 24, open handles of the application would hold back the end of the invocation.
    if ('callbackWaitsForEmptyEventLoop' in context) context.callbackWaitsForEmptyEventLoop = false;
    const request = readLambdaEvent(event, () => context.getRemainingTimeInMillis());
    const giveBack = takeErrorListeners(responseStream);
    const sink = createLambdaSink(responseStream, failInvocation);
    const failure = await serveRequest(request, sink, run, resolved);
    // After a broken connection the runtime would only find more errors there.
    if (!sink.gone) {
      sink.release();
      giveBack();
    }
    // The runtime would wait for an answer that never comes, were it not told that the connection is gone.
    if (failure && (failInvocation || sink.gone)) throw failure;
  };
  // What awslambda.streamifyResponse does, without the global.
  return Object.assign(handler, {
    [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response',
  });
}

/**
 * When the connection to the Runtime API breaks, the runtime's own listener rejects promises that it only handles once
 * the handler has settled, and Node ends a process with unhandled rejections. Until then the error is ours to handle.
 *
 * @returns What hands the listeners back.
 */
function takeErrorListeners(stream: LambdaResponseStream): () => void {
  const taken = (stream.listeners?.('error') ?? []) as (() => void)[];
  for (const listener of taken) stream.off('error', listener);
  return () => {
    for (const listener of taken) stream.on('error', listener);
  };
}

function createLambdaSink(
  stream: LambdaResponseStream,
  failInvocation: boolean,
): ResponseSink & WritableSink {
  const sink = createWritableSink(stream);
  const end = sink.end;
  return Object.assign(sink, {
    begin: (statusCode: number, headers: HttpHeaders, text: string) => {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      return sink.write(`${JSON.stringify({ statusCode, headers })}${'\0'.repeat(8)}${text}`);
    },
    end: async (failed: boolean) => {
      if (!failed || !failInvocation) return end(failed);
      // The runtime ends the stream of a handler that rejects, after the error trailers: they cannot follow our own end.
      while (stream.writableNeedDrain && !sink.gone) await sink.drained();
    },
  });
}
