import type { AgentEvent, RunOutcome, TokenUsage } from '@magi/stream-protocol';
import { sendWithRetry } from './send-with-retry';
import type { SourceOptions } from './source-options';
import { translateUpstreamError, truncated } from './upstream-error';
import type { CommandStack } from './watch-response';
import { watchResponse } from './watch-response';
import { withUsage } from './with-usage';

/** Takes the events that a frame becomes, in order. */
export type Emit = (event: AgentEvent) => void;

/** What a finished run says about itself. */
export interface RunSummary {
  readonly usage?: TokenUsage[];
  readonly outcome?: RunOutcome;
  readonly result?: unknown;
}

/** Turns the frames of one answer into events. */
export interface FrameMapper<TFrame> {
  map(frame: TFrame, emit: Emit): void;
  /**
   * Closes what is open. Called once, only when the response ended properly; `undefined` says that the answer is
   * incomplete nevertheless, because a member that always ends it has not come.
   */
  finish(emit: Emit): RunSummary | undefined;
  /** What the answer has used up so far, for a run that fails. Absent: not known before the end. */
  usage?(): Pick<RunSummary, 'usage'>;
}

/** One call of a streaming operation. */
export interface UpstreamCall<TOutput, TFrame> {
  readonly threadId: string;
  /** The command's own stack, where the response is watched. */
  readonly middlewareStack: CommandStack;
  send(abortSignal: AbortSignal): Promise<TOutput>;
  frames(output: TOutput): AsyncIterable<TFrame> | undefined;
  createMapper(output: TOutput): FrameMapper<TFrame>;
  /** Called, and waited for, when the run was aborted or abandoned after it was sent. */
  onCancel?(): Promise<void>;
}

/**
 * Runs one call and yields it as one whole AG-UI run: RUN_STARTED, the events of its frames, RUN_FINISHED.
 *
 * Nothing is sent before the first `next()`. Throws instead of RUN_FINISHED when the answer is incomplete or failed, and
 * the signal's reason when it was aborted. `return()` closes the connection at once, also while a `next()` is waiting.
 */
export function runUpstream<TOutput, TFrame>(
  call: UpstreamCall<TOutput, TFrame>,
  options: SourceOptions,
): AsyncIterableIterator<AgentEvent> {
  const connection = new AbortController();
  const events = generate(call, options, connection);
  return {
    next: () => events.next(),
    async return() {
      // An async generator cannot be stopped inside an await; closing the connection ends that await.
      connection.abort();
      await events.return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* generate<TOutput, TFrame>(
  call: UpstreamCall<TOutput, TFrame>,
  options: SourceOptions,
  connection: AbortController,
): AsyncGenerator<AgentEvent, void, undefined> {
  const { signal } = options;
  const { threadId } = call;
  const runId = globalThis.crypto.randomUUID();
  const response = watchResponse(call.middlewareStack);
  const onAbort = (): void => connection.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  let mapper: FrameMapper<TFrame> | undefined;
  let isSent = false;
  let isOver = false;
  try {
    signal?.throwIfAborted();
    yield { type: 'RUN_STARTED', threadId, runId };
    isSent = true;
    const output = await sendWithRetry(call.send, connection.signal, options);
    mapper = call.createMapper(output);
    const pending: AgentEvent[] = [];
    const emit: Emit = (event) => {
      pending.push(event);
    };
    for await (const frame of call.frames(output) ?? []) {
      if (connection.signal.aborted) break;
      mapper.map(frame, emit);
      // Not `yield*`: it waits three times for each event.
      for (const event of pending.splice(0)) yield event;
    }
    // An aborted HTTP/2 stream ends like a complete one.
    signal?.throwIfAborted();
    if (connection.signal.aborted) return;
    isOver = true;
    const summary = response.isComplete() ? mapper.finish(emit) : undefined;
    if (summary === undefined) throw truncated(response.requestId());
    yield* pending.splice(0);
    signal?.throwIfAborted();
    yield { type: 'RUN_FINISHED', threadId, runId, ...summary };
  } catch (error) {
    signal?.throwIfAborted();
    if (connection.signal.aborted) return;
    isOver = true;
    const failure = translateUpstreamError(error, {
      requestId: response.requestId(),
      responseStarted: response.hasStarted(),
    });
    throw withUsage(failure, mapper?.usage?.().usage);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Leaving a `for await` over an SDK stream does not close its connection.
    connection.abort();
    if (isSent && !isOver) await call.onCancel?.();
  }
}
