import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';

/** What a run is given. */
export interface RunRequest<TInput = RunAgentInput, TPrincipal = undefined> {
  /** The validated body. */
  readonly input: TInput;
  /** Aborts when the run must stop: near the deadline, when the reader has gone, when the run's own output was invalid. Hand it to every upstream call. */
  readonly signal: AbortSignal;
  /** What `authorize` returned; `undefined` with `authorize: null`. */
  readonly principal: TPrincipal;
  /** The request's headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until the platform ends the invocation; `Infinity` where nothing does. */
  remainingTimeMs(): number;
}

/** What a run yields: AG-UI events, or strings that become text messages of the assistant. */
export type RunItem = AgentEvent | string;

/**
 * Your agent: called once per accepted request.
 *
 * The engine sends RUN_STARTED and the terminal event itself. A whole AG-UI run inside (`yield* invokeAgent(…)`) is absorbed into it.
 */
export type Run<TInput = RunAgentInput, TPrincipal = undefined> = (
  request: RunRequest<TInput, TPrincipal>,
) => AsyncIterable<RunItem> | Promise<AsyncIterable<RunItem>>;
