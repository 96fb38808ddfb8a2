import type { AgentEvent, Interrupt, RunAgentInput, TokenUsage } from '@magi/stream-protocol';
import type { RunStats } from './run-stats';

/** What to ask: a question, or any part of an AG-UI run input. Absent ids are made up; absent lists are empty. */
export type RunInput = string | Partial<RunAgentInput>;

/** Where a run is: the request is out, events arrive, the connection is being resumed, or it is over. */
export type RunPhase = 'connecting' | 'streaming' | 'reconnecting' | 'ended';

export interface RunOptions {
  /** Aborting it drops the connection and rejects with its `reason`. It does not tell the server to stop: `cancel()` does. */
  readonly signal?: AbortSignal;
  onPhase?(phase: RunPhase): void;
}

/** Names a run that may still be going on at a server with a run store. */
export interface RunReference {
  readonly threadId: string;
  readonly runId: string;
  /** The last event ID seen; absent: replay from the first event. */
  readonly lastEventId?: string;
}

/** How a run that did not fail ended. */
export interface RunResult {
  readonly outcome: 'finished' | 'interrupted' | 'cancelled';
  readonly threadId: string;
  readonly runId: string;
  /** `result` of RUN_FINISHED. */
  readonly result?: unknown;
  /** The questions that pause the run; non-empty exactly when `outcome` is `interrupted`. */
  readonly interrupts: readonly Interrupt[];
  readonly usage: readonly TokenUsage[];
}

/**
 * One run: an async iterable of its events, in order, each once. It can be iterated once.
 *
 * The iteration ends without an error only after RUN_FINISHED or `cancel()`; a RUN_ERROR is yielded and then thrown as `RunError`.
 * Nobody reading means nothing is read from the network, unless `text()` or `result` was asked for.
 * Leaving the loop early cancels the run.
 */
export interface AgentRun extends AsyncIterable<AgentEvent> {
  readonly threadId: string;
  readonly runId: string;
  /** The last event ID seen, `''` when the server sends none. */
  readonly lastEventId: string;
  readonly stats: RunStats;
  /** The one ending. Rejects with an `AgentClientError`, or with the signal's `reason`. */
  readonly result: Promise<RunResult>;
  /** The text of the parent agent's assistant messages (not of subagents), when the run has ended. Rejects like `result`. */
  text(): Promise<string>;
  /** Drops the connection and, where the server sends event IDs, asks it to stop the run. Never rejects. */
  cancel(): Promise<void>;
}
