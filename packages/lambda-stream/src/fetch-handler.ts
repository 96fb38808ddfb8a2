import type { RunAgentInput } from '@magi/stream-protocol';
import type { EngineOptions } from './engine-options';
import { resolveOptions } from './engine-options';
import type { HttpHeaders, HttpRequest, ResponseSink } from './http-exchange';
import { joinHeaders } from './join-headers';
import { readBodyBytes } from './read-body';
import type { Run } from './run-request';
import { serveRequest } from './serve-request';
import { HOST_RULES, type HostOptions, timeLimit } from './time-limit';

export type FetchHandlerOptions<TInput, TPrincipal> = EngineOptions<TInput, TPrincipal> &
  HostOptions;

/** How many bytes wait in the response before the run is paused. */
const BUFFER_BYTES = 16_384;

/**
 * Makes a fetch handler, `Request` to `Response`, over the engine of `streamHandler`: for a Next.js route, Hono, Bun, and
 * other servers of that shape on Node's API. The bodies are byte for byte those of the Lambda handler.
 *
 * A reader that goes away aborts the run: through the request's signal and the cancelled response body.
 *
 * @throws TypeError, RangeError for an unknown option or a wrong value.
 *
 * @example
 * ```ts
 * // app/api/agent/route.ts
 * import { fetchHandler } from '@magi/lambda-stream';
 *
 * export const POST = fetchHandler(async function* () { yield 'Hello'; }, { authorize: null });
 * ```
 * @see https://developer.mozilla.org/en-US/docs/Web/API/Response
 */
export function fetchHandler<TInput = RunAgentInput, TPrincipal = undefined>(
  run: Run<TInput, TPrincipal>,
  options: FetchHandlerOptions<TInput, TPrincipal>,
): (request: Request) => Promise<Response> {
  const resolved = resolveOptions(run, options, HOST_RULES);
  const limit = timeLimit(options.timeoutMs, resolved.clock);
  return (request) =>
    new Promise((respond, reject) => {
      const sink = createResponseSink(request.signal, respond);
      serveRequest(readFetchRequest(request, limit()), sink, run, resolved).catch(reject);
    });
}

function readFetchRequest(request: Request, remainingTimeMs: () => number): HttpRequest {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    headers: joinHeaders(request.headers),
    event: undefined,
    routed: true,
    readBody: (maxBytes) =>
      readBodyBytes(request.body, request.headers.get('content-length'), maxBytes),
    remainingTimeMs,
  };
}

function createResponseSink(
  signal: AbortSignal,
  respond: (response: Response) => void,
): ResponseSink {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let ended = false;
  let goneListener: (() => void) | undefined;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const leave = (): void => {
    if (sink.gone || ended) return;
    sink.gone = true;
    goneListener?.();
    wake();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start: (started) => {
        controller = started;
      },
      pull: wake,
      cancel: leave,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );
  signal.addEventListener('abort', () => {
    if (!sink.gone && !ended) controller?.error(signal.reason);
    leave();
  });
  const write = (text: string): boolean => {
    if (sink.gone || ended || text === '') return true;
    controller?.enqueue(encoder.encode(text));
    return (controller?.desiredSize ?? 1) > 0;
  };
  const sink = {
    begin: (status: number, headers: HttpHeaders, text: string) => {
      // A Response with such a status must not have a body at all.
      const empty = text === '';
      respond(new Response(empty ? null : body, { status, headers }));
      return write(text);
    },
    write,
    drained: (): Promise<void> =>
      sink.gone ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
    end: async () => {
      if (sink.gone || ended) return;
      ended = true;
      controller?.close();
    },
    gone: signal.aborted,
    onGone: (listener: () => void) => {
      goneListener = listener;
      if (sink.gone) listener();
    },
  };
  return sink;
}
