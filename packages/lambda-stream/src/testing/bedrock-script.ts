import type { BedrockRequest } from './bedrock-request';

/**
 * One frame of a scripted answer: a member of the operation's response union, for example
 * `{ chunk: { bytes } }` or `{ throttlingException: { message: 'slow down' } }`.
 *
 * A string is text in the operation's own shape (InvokeAgent: one `chunk`; a model: one text delta, …). `Uint8Array`
 * values become base64, `Date` values RFC 3339 date-times.
 */
export type BedrockFrame = string | { readonly [member: string]: unknown };

/** What a scripted function may do besides reading the request. */
export interface BedrockScriptContext {
  /** Aborts when the client closes the connection before the answer is complete. */
  readonly signal: AbortSignal;
}

/**
 * An answer: the frames themselves, or a function that makes them for one request.
 *
 * The next frame is asked for only when the connection has room, so a generator is stopped by a slow reader. When the
 * client goes away the generator's `return()` is called, so its `finally` runs.
 */
export type BedrockScript<TFrame = BedrockFrame> =
  | readonly TFrame[]
  | ((
      request: BedrockRequest,
      context: BedrockScriptContext,
    ) => Iterable<TFrame> | AsyncIterable<TFrame>);

/** Runs a script to its end, or until `send` resolves to `false` or the client goes away. */
export async function runScript<TFrame>(
  script: BedrockScript<TFrame>,
  request: BedrockRequest,
  signal: AbortSignal,
  send: (frame: TFrame) => Promise<boolean>,
): Promise<void> {
  const frames = typeof script === 'function' ? script(request, { signal }) : script;
  const iterator =
    Symbol.asyncIterator in frames ? frames[Symbol.asyncIterator]() : frames[Symbol.iterator]();
  const gone = abortion(signal);
  let finished = false;
  try {
    for (;;) {
      const next = iterator.next();
      const step = next instanceof Promise ? await Promise.race([next, gone.promise]) : next;
      if (step === undefined) return;
      if (step.done === true) {
        finished = true;
        return;
      }
      if (!(await send(step.value))) return;
    }
  } finally {
    gone.release();
    // Not awaited: a generator that is waiting for something of its own would hold the connection.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function abortion(signal: AbortSignal): { promise: Promise<undefined>; release(): void } {
  let release = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    const onAbort = (): void => resolve(undefined);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    release = () => signal.removeEventListener('abort', onAbort);
  });
  return { promise, release };
}
