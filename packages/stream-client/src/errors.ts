/** Every `code` that an error of this package can have. */
export type AgentClientErrorCode =
  | 'ERR_HTTP'
  | 'ERR_AUTH'
  | 'ERR_TIMEOUT'
  | 'ERR_TRUNCATED'
  | 'ERR_PROTOCOL'
  | 'ERR_RUN'
  | 'ERR_BUFFER_OVERFLOW'
  | 'ERR_RECONNECT_EXHAUSTED'
  | 'ERR_NETWORK';

/**
 * The base of every error that a run can end with. Recognise errors by class or by `code`; messages may change.
 *
 * An abort by the caller is not an error of this package: it rejects with the signal's own `reason`.
 */
export abstract class AgentClientError<Fields extends object = object> extends Error {
  // Literals, because a minifier renames classes.
  abstract override readonly name: string;
  abstract readonly code: AgentClientErrorCode;
  constructor(message: string, fields: Fields & ErrorOptions) {
    super(message, fields);
    Object.assign(this, fields);
  }
}

/** The server answered with a status or a content type that is not an event stream. `code`: `ERR_HTTP`. */
export class HttpError extends AgentClientError<{ status: number; body: string }> {
  readonly name = 'HttpError';
  readonly code = 'ERR_HTTP';
  declare readonly status: number;
  /** The first 1 KiB (characters) of the body. Written by the server: show it to developers, not to users. */
  declare readonly body: string;
}

/** The server refused the credentials, none could be obtained, or a header cannot be sent. `code`: `ERR_AUTH`. */
export class AuthError extends AgentClientError<{ status?: number }> {
  readonly name = 'AuthError';
  readonly code = 'ERR_AUTH';
  /** 401 or 403; absent when no request was refused. */
  declare readonly status?: number;
}

/** What a run was waiting for when its time was up. */
export type TimeoutPhase = 'connect' | 'first-event' | 'idle' | 'total';

/** One of the four time limits was reached. `code`: `ERR_TIMEOUT`. */
export class TimeoutError extends AgentClientError<{ phase: TimeoutPhase; limitMs: number }> {
  readonly name = 'TimeoutError';
  readonly code = 'ERR_TIMEOUT';
  declare readonly phase: TimeoutPhase;
  /** Milliseconds. */
  declare readonly limitMs: number;
}

/** The stream ended, or the connection broke, before RUN_FINISHED or RUN_ERROR. `code`: `ERR_TRUNCATED`. */
export class TruncatedError extends AgentClientError<{ lastEventId: string }> {
  readonly name = 'TruncatedError';
  readonly code = 'ERR_TRUNCATED';
  /** The last event ID seen, `''` when the server sent none. */
  declare readonly lastEventId: string;
}

/** The server sent something that is not a valid AG-UI event; their order is not checked. `code`: `ERR_PROTOCOL`. */
export class ProtocolError extends AgentClientError<{
  eventType?: string | undefined;
  field?: string | undefined;
}> {
  readonly name = 'ProtocolError';
  readonly code = 'ERR_PROTOCOL';
  declare readonly eventType: string | undefined;
  declare readonly field: string | undefined;
}

/** The agent said that its run failed (RUN_ERROR). `code`: `ERR_RUN`; the server's own code is `runCode`. */
export class RunError extends AgentClientError<{
  runCode: string | undefined;
  retryable: boolean;
}> {
  readonly name = 'RunError';
  readonly code = 'ERR_RUN';
  /** `code` of RUN_ERROR: open, UPPER_SNAKE when the server is lambda-stream (`THROTTLED`, `DEADLINE_EXCEEDED`, …). */
  declare readonly runCode: string | undefined;
  /** The server's advice whether the same question may succeed when asked again. */
  declare readonly retryable: boolean;
}

/** One event was larger than `maxEventBytes`. `code`: `ERR_BUFFER_OVERFLOW`. */
export class BufferOverflowError extends AgentClientError<{ limitBytes: number }> {
  readonly name = 'BufferOverflowError';
  readonly code = 'ERR_BUFFER_OVERFLOW';
  /** Bytes. */
  declare readonly limitBytes: number;
}

/** The connection broke and could not be resumed. `code`: `ERR_RECONNECT_EXHAUSTED`; `cause` is the last failure. */
export class ReconnectExhaustedError extends AgentClientError<{
  attempts: number;
  lastEventId: string;
}> {
  readonly name = 'ReconnectExhaustedError';
  readonly code = 'ERR_RECONNECT_EXHAUSTED';
  /** Attempts in a row that brought no new event. */
  declare readonly attempts: number;
  declare readonly lastEventId: string;
}

/** No HTTP response could be had: connection refused, name not resolved, blocked by CORS. `code`: `ERR_NETWORK`. */
export class NetworkError extends AgentClientError {
  readonly name = 'NetworkError';
  readonly code = 'ERR_NETWORK';
}
