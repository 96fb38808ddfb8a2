import { EventParseError, type UnknownReport } from '@magi/stream-protocol';
import { SseEventTooLargeError } from '@magi/stream-protocol/sse';
import { type BodyReader, bodyReader } from './body-reader';
import { checkResponse } from './check-response';
import type { Clock } from './clock';
import {
  AgentClientError,
  BufferOverflowError,
  HttpError,
  NetworkError,
  ProtocolError,
  ReconnectExhaustedError,
  TimeoutError,
  type TimeoutPhase,
  TruncatedError,
} from './errors';
import { createEventReader, type EventBatch, type StreamPosition } from './event-reader';
import { type ReconnectPolicy, reconnectDelay, untilReachable } from './reconnect';
import { createRunStats, type MutableRunStats } from './run-stats';
import type { RunPhase } from './run-types';
import { type Endpoint, sendRequest } from './send-request';
import type { Timeouts } from './timeouts';

/** How long a server may take to end its response after the terminal event, before the connection is dropped. Milliseconds. */
const RELEASE_MS = 1000;

/** What a client's options amount to. */
export interface Transport extends Endpoint {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly reconnect: ReconnectPolicy;
  readonly maxEventBytes: number;
  readonly onUnknown: (report: UnknownReport) => void;
}

export interface RunSource {
  readonly stats: MutableRunStats;
  /** Milliseconds since the run's start. */
  elapsedMs(): number;
  /** The events, read from the network as they are asked for. Ends after the terminal event, throws otherwise. */
  readonly batches: AsyncGenerator<EventBatch, void>;
  /** Drops the connection; `batches` throws `reason`. */
  stop(reason: unknown): void;
  /** Asks the server to stop the run, if it sent event IDs. Never rejects. */
  cancel(): Promise<void>;
}

/** The network side of one run. With a `body` it begins by POST, without by GET; every connection after the first is a GET. */
export function createRunSource(
  transport: Transport,
  start: { runId: string; lastEventId: string; body: string | undefined },
  onPhase: (phase: RunPhase) => void,
): RunSource {
  const { clock, timeouts, reconnect } = transport;
  const stats = createRunStats();
  const startedAtMs = clock.now();
  const elapsedMs = () => clock.now() - startedAtMs;
  const position: StreamPosition = {
    lastEventId: start.lastEventId,
    lastData: '',
    retryMs: undefined,
    seen: new Set([start.lastEventId]),
    terminal: false,
  };
  let connection = new AbortController();
  let attempts = 0;
  const nextAttempt = () => ++attempts;
  let stopped: { reason: unknown } | undefined;
  let interrupt: (reason: unknown) => void = () => {};

  /** Settles like `work`, unless the run is stopped or the limit is reached before. */
  function within<T>(phase: TimeoutPhase, limitMs: number, work: Promise<T>): Promise<T> {
    const beforeFirstEvent = start.body !== undefined && stats.firstEventMs === undefined;
    const firstEventLeftMs = beforeFirstEvent ? timeouts.firstEventMs - elapsedMs() : limitMs;
    return new Promise((resolve, reject) => {
      let timer: unknown;
      interrupt = (reason) => {
        clock.clearTimeout(timer);
        reject(reason);
      };
      const expire = () =>
        reject(
          firstEventLeftMs < limitMs
            ? new TimeoutError('first-event', timeouts.firstEventMs)
            : new TimeoutError(phase, limitMs),
        );
      const waitMs = Math.max(0, Math.min(limitMs, firstEventLeftMs));
      if (waitMs < Infinity) timer = clock.setTimeout(expire, waitMs);
      work.then((value) => {
        clock.clearTimeout(timer);
        resolve(value);
      }, interrupt);
      if (stopped) interrupt(stopped.reason);
    });
  }

  async function connect(resuming: boolean): Promise<BodyReader> {
    const { signal } = connection;
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (!resuming) headers['content-type'] = 'application/json';
    // "Let lastEventIDValue be the EventSource object's last event ID string, encoded as UTF-8": a header holds bytes.
    else if (position.lastEventId) {
      headers['last-event-id'] = String.fromCharCode(
        ...new TextEncoder().encode(position.lastEventId),
      );
    }
    const response = await sendRequest(transport, {
      headers,
      signal,
      nextAttempt,
      ...(resuming
        ? { method: 'GET', runId: start.runId, reason: attempts ? 'reconnect' : 'start' }
        : { method: 'POST', body: start.body, reason: 'start' }),
    });
    await checkResponse(response);
    return bodyReader(response);
  }

  async function* readBatches(): AsyncGenerator<EventBatch, void> {
    let fruitless = 0;
    for (let resuming = start.body === undefined; ; resuming = true) {
      let failure: AgentClientError;
      try {
        const reader = await within('connect', timeouts.connectMs, connect(resuming));
        const events = createEventReader({ ...transport, position, stats, elapsedMs });
        for (;;) {
          const { done, value } = await within('idle', timeouts.idleMs, reader.read());
          if (done)
            throw new TruncatedError('The stream ended before the run did', position.lastEventId);
          const batch = events.read(value);
          if (batch.events.length > 0) {
            fruitless = 0;
            if (position.terminal) release(reader);
            onPhase('streaming');
            yield batch;
            if (position.terminal) return;
          }
          if (events.failure) throw events.failure;
        }
      } catch (error) {
        if (stopped) throw stopped.reason;
        failure = describeFailure(error, resuming, position.lastEventId);
      }
      connection.abort();
      const resumable = start.body === undefined || position.lastEventId !== '';
      if (!resumable || !isTransient(failure) || reconnect.maxAttempts === 0) throw failure;
      if (fruitless === reconnect.maxAttempts) {
        throw new ReconnectExhaustedError(fruitless, position.lastEventId, failure);
      }
      connection = new AbortController();
      stats.reconnects++;
      onPhase('reconnecting');
      const delayMs = reconnectDelay(reconnect, fruitless++, position.retryMs);
      await within('total', Infinity, untilReachable(clock, delayMs, connection.signal));
    }
  }

  /** Lets the server end its response: a dropped connection would look like a reader who left. */
  function release(reader: BodyReader): void {
    const drop = () => connection.abort();
    const timer = clock.setTimeout(drop, RELEASE_MS);
    reader
      .read()
      .then(({ done }) => done || drop(), drop)
      .finally(() => clock.clearTimeout(timer));
  }

  return {
    stats,
    elapsedMs,
    batches: readBatches(),
    stop(reason) {
      stopped ??= { reason };
      interrupt(reason);
      if (!position.terminal) connection.abort();
    },
    async cancel() {
      if (!position.lastEventId || position.terminal) return;
      connection = new AbortController();
      const { signal } = connection;
      const timer = clock.setTimeout(() => connection.abort(), timeouts.connectMs);
      const method = 'DELETE';
      const request = {
        method,
        headers: {},
        runId: start.runId,
        signal,
        reason: 'cancel',
        nextAttempt,
      } as const;
      // The run is over for the caller, whatever the server makes of the request.
      const response = await sendRequest(transport, request).catch(() => undefined);
      void response?.body?.cancel().catch(() => undefined);
      clock.clearTimeout(timer);
    },
  };
}

function describeFailure(error: unknown, resuming: boolean, lastEventId: string): AgentClientError {
  if (error instanceof HttpError && resuming && !isTransient(error)) {
    const message = 'Resuming the run failed: the server has nothing more of it';
    return new TruncatedError(message, lastEventId, error);
  }
  if (error instanceof AgentClientError) return error;
  if (error instanceof EventParseError) {
    return new ProtocolError(error.message, error.eventType, error.field, error);
  }
  if (error instanceof SseEventTooLargeError) {
    return new BufferOverflowError(error.maxEventBytes, error);
  }
  return new TruncatedError('The connection broke before the run ended', lastEventId, error);
}

/** Whether the same GET may succeed later. */
function isTransient(failure: AgentClientError): boolean {
  if (failure instanceof TimeoutError)
    return failure.phase === 'connect' || failure.phase === 'idle';
  if (failure instanceof HttpError)
    return failure.status >= 500 || failure.status === 429 || failure.status === 408;
  return (
    failure instanceof NetworkError ||
    (failure instanceof TruncatedError && !(failure.cause instanceof HttpError))
  );
}
