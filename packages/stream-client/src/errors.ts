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
export class AgentClientError extends Error {
  declare readonly code: AgentClientErrorCode;
  constructor(code: AgentClientErrorCode, message: string, cause?: unknown) {
    super(message, cause ? { cause } : undefined);
    this.code = code;
    // A minifier renames classes, so the name comes from the code: ERR_HTTP is an HttpError.
    const kind = code
      .slice(4)
      .replace(/_?(.)([A-Z]*)/g, (_, first: string, rest: string) => first + rest.toLowerCase());
    this.name = `${kind}Error`;
  }
}

/** The server answered with a status or a content type that is not an event stream. `code`: `ERR_HTTP`. */
export class HttpError extends AgentClientError {
  declare readonly status: number;
  /** The first 1 KiB (characters) of the body. Written by the server: show it to developers, not to users. */
  declare readonly body: string;
  constructor(message: string, status: number, body: string) {
    super('ERR_HTTP', message);
    this.status = status;
    this.body = body;
  }
}

/** The server refused the credentials, or no credentials could be obtained. `code`: `ERR_AUTH`. */
export class AuthError extends AgentClientError {
  /** 401 or 403; absent when no request was refused. */
  declare readonly status: number | undefined;
  constructor(message: string, status?: number, cause?: unknown) {
    super('ERR_AUTH', message, cause);
    this.status = status;
  }
}

/** What a run was waiting for when its time was up. */
export type TimeoutPhase = 'connect' | 'first-event' | 'idle' | 'total';

/** One of the four time limits was reached. `code`: `ERR_TIMEOUT`. */
export class TimeoutError extends AgentClientError {
  declare readonly phase: TimeoutPhase;
  /** Milliseconds. */
  declare readonly limitMs: number;
  constructor(phase: TimeoutPhase, limitMs: number) {
    super('ERR_TIMEOUT', `Run timed out: "${phase}" took more than ${limitMs} ms`);
    this.phase = phase;
    this.limitMs = limitMs;
  }
}

/** The stream ended, or the connection broke, before RUN_FINISHED or RUN_ERROR. `code`: `ERR_TRUNCATED`. */
export class TruncatedError extends AgentClientError {
  /** The last event ID seen, `''` when the server sent none. */
  declare readonly lastEventId: string;
  constructor(message: string, lastEventId: string, cause?: unknown) {
    super('ERR_TRUNCATED', message, cause);
    this.lastEventId = lastEventId;
  }
}

/** The server sent something that is not a valid AG-UI event, or events in an impossible order. `code`: `ERR_PROTOCOL`. */
export class ProtocolError extends AgentClientError {
  declare readonly eventType: string | undefined;
  declare readonly field: string | undefined;
  constructor(message: string, eventType?: string, field?: string, cause?: unknown) {
    super('ERR_PROTOCOL', message, cause);
    this.eventType = eventType;
    this.field = field;
  }
}

/** The agent said that its run failed (RUN_ERROR). `code`: `ERR_RUN`; the server's own code is `runCode`. */
export class RunError extends AgentClientError {
  /** `code` of RUN_ERROR: open, UPPER_SNAKE when the server is lambda-stream (`THROTTLED`, `DEADLINE_EXCEEDED`, …). */
  declare readonly runCode: string | undefined;
  /** The server's advice whether the same question may succeed when asked again. */
  declare readonly retryable: boolean;
  constructor(message: string, runCode?: string, retryable = false) {
    super('ERR_RUN', message);
    this.runCode = runCode;
    this.retryable = retryable;
  }
}

/** One event was larger than `maxEventBytes`. `code`: `ERR_BUFFER_OVERFLOW`. */
export class BufferOverflowError extends AgentClientError {
  /** Bytes. */
  declare readonly limitBytes: number;
  constructor(limitBytes: number, cause?: unknown) {
    super('ERR_BUFFER_OVERFLOW', `Reading failed: an event exceeds ${limitBytes} bytes`, cause);
    this.limitBytes = limitBytes;
  }
}

/** The connection broke and could not be resumed. `code`: `ERR_RECONNECT_EXHAUSTED`; `cause` is the last failure. */
export class ReconnectExhaustedError extends AgentClientError {
  /** Attempts in a row that brought no new event. */
  declare readonly attempts: number;
  declare readonly lastEventId: string;
  constructor(attempts: number, lastEventId: string, cause?: unknown) {
    super(
      'ERR_RECONNECT_EXHAUSTED',
      `Resuming failed: ${attempts} attempts brought nothing`,
      cause,
    );
    this.attempts = attempts;
    this.lastEventId = lastEventId;
  }
}

/** No HTTP response could be had: connection refused, name not resolved, blocked by CORS. `code`: `ERR_NETWORK`. */
export class NetworkError extends AgentClientError {
  constructor(message: string, cause?: unknown) {
    super('ERR_NETWORK', message, cause);
  }
}
