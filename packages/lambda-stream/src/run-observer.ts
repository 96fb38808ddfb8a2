import type { AgentEvent, RunOutcome, TokenUsage } from '@magi/stream-protocol';

/** How a run went, without a word of its content. Handed to `onRunEnd` and to observers after the last byte. */
export interface RunStats {
  readonly threadId: string;
  readonly runId: string;
  /** `finished`: RUN_FINISHED was sent. `failed`: RUN_ERROR was sent. `aborted`: the reader went away, nobody could be told. */
  readonly status: 'finished' | 'failed' | 'aborted';
  /** The RUN_ERROR `code`, or why the run was aborted. Absent when it finished. */
  readonly errorCode?: string;
  /** The outcome on RUN_FINISHED. Absent: plain success. */
  readonly outcome?: RunOutcome['type'];
  /** From the accepted request to the last byte, milliseconds. */
  readonly durationMs: number;
  /** From the accepted request to the first byte handed to the transport, milliseconds. */
  readonly firstByteMs: number;
  /** From the accepted request to the source's first event, milliseconds. Absent when it gave none. */
  readonly firstEventMs?: number;
  /** From the accepted request to the first character of answer text, milliseconds. Absent when there was none. */
  readonly firstTextMs?: number;
  /** Events sent, the run's own RUN_STARTED and terminal event included. */
  readonly events: number;
  /** Bytes of the body as written, keep-alive comments included. */
  readonly bytes: number;
  /** UTF-16 code units of answer text. */
  readonly textLength: number;
  /** Keep-alive comments sent. */
  readonly keepAlives: number;
  /** One entry per (provider, model). */
  readonly usage: readonly TokenUsage[];
}

/** What an observer learns when a run starts. */
export interface RunInfo {
  readonly threadId: string;
  readonly runId: string;
  /** The request's headers, names in lower case (`traceparent` is among them when it was sent). */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}

/** Watches one run. What it throws is reported to `onError` and changes nothing for the client. */
export interface RunObserver {
  /** Called once around the whole run, so that a context set inside is active in the source. Must call `start` synchronously and return its result. */
  wrap?<T>(start: () => T): T;
  /** Every event of the source, in order, as it arrives: before pacing, absorbed RUN_STARTED / RUN_FINISHED included. */
  onEvent?(event: AgentEvent): void;
  /** Called once, after the last byte; a promise is awaited for at most 2 000 ms. `error` is what the run threw, if it threw; its message may hold content. */
  onEnd?(stats: RunStats, error: unknown): void | Promise<void>;
}

/** Makes the observer of one run. */
export type ObserveRun = (info: RunInfo) => RunObserver;
