import type { UnknownReport } from '@magi/stream-protocol';
import type { AuthReason, AuthRequest } from './auth/auth-hook';
import { bodyReader, type ReadChunk } from './body-reader';
import { checkResponse } from './check-response';
import type { Clock } from './clock';
import {
  AgentClientError,
  type AuthError,
  HttpError,
  ReconnectExhaustedError,
  type TimeoutPhase,
  TruncatedError,
} from './errors';
import { createEventReader, type EventBatch } from './event-reader';
import { type ReconnectPolicy, reconnectDelay, untilReachable } from './reconnect';
import type { MutableRunStats } from './run-stats';
import type { RunPhase, RunReference } from './run-types';
import { type Endpoint, sendRequest } from './send-request';
import type { Timeouts } from './timeouts';
import { createWaitLimit } from './wait-limit';

/** How long a server may take to end its response after the terminal event, before the connection is dropped. Milliseconds. */
const RELEASE_MS = 1000;

/** A browser may hand over half a megabyte at once; between two pieces of it the page gets its turn. Bytes. */
const PIECE_BYTES = 64 * 1024;

/** What a client's options amount to. */
export interface Transport extends Endpoint {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly reconnect: ReconnectPolicy;
  readonly maxEventBytes: number;
  readonly onUnknown: (report: UnknownReport) => void;
}

export interface RunSource {
  /** Reads from the network until there are events. Rejects when no more can come. Not to be called after the terminal event. */
  read(): Promise<EventBatch>;
  /** Drops the connection, unless the server is about to end it; a `read` that waits rejects. */
  close(): void;
  /** Asks the server to stop the run, if it sent event IDs. Never rejects. */
  cancel(): Promise<void>;
}

/** The network side of one run. With a `body` it begins by POST, without by GET; every connection after the first is a GET. */
export function createRunSource(
  transport: Transport,
  { runId, lastEventId = '' }: RunReference,
  body: string | undefined,
  stats: MutableRunStats,
  elapsedMs: () => number,
  onPhase: (phase: RunPhase) => void,
): RunSource {
  const { clock, timeouts, reconnect } = transport;
  const reader = createEventReader(transport, stats, elapsedMs, lastEventId);
  let unsent = body;
  let connection = new AbortController();
  let readChunk: ReadChunk | undefined;
  /** What is left of a chunk. */
  let rest: Uint8Array | undefined;
  let attempts = 0;
  /** Attempts in a row that brought no event. */
  let fruitless = 0;
  let closed = false;
  const limit = createWaitLimit(clock);
  let interrupt: (reason: unknown) => void = () => {};

  /** Drops the connection; whatever is being waited for fails with the reason, as platforms differ in what they make of an abort. */
  function drop(reason?: unknown): void {
    limit.end();
    interrupt(reason);
    connection.abort();
  }

  /** Settles like `work`, unless the connection is dropped before; reaching the limit, which the caller ends, drops it. */
  function within<T>(phase: TimeoutPhase, limitMs: number, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      connection.signal.throwIfAborted();
      limit.start(phase, limitMs, drop);
      interrupt = reject;
      work().then(resolve, reject);
    });
  }

  const request = (
    method: AuthRequest['method'],
    reason: AuthReason,
    headers: Record<string, string>,
    content?: string,
  ) =>
    sendRequest(transport, {
      method,
      reason,
      headers,
      body: content,
      runId: method === 'POST' ? undefined : runId,
      signal: connection.signal,
      nextAttempt: () => ++attempts,
    });

  async function connect(): Promise<ReadChunk> {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    const question = unsent;
    unsent = undefined;
    if (question !== undefined) headers['content-type'] = 'application/json';
    else if (reader.lastEventId) {
      // "Let lastEventIDValue be the EventSource object's last event ID string, encoded as UTF-8": a header holds bytes.
      const bytes = new TextEncoder().encode(reader.lastEventId);
      headers['last-event-id'] = String.fromCharCode(...bytes);
    }
    const method = question === undefined ? 'GET' : 'POST';
    const reason = attempts ? 'reconnect' : 'start';
    const response = await request(method, reason, headers, question);
    const readBody = bodyReader(response);
    await checkResponse(response, readBody);
    reader.restart();
    return readBody;
  }

  const truncation = (cause?: unknown) =>
    new TruncatedError('The stream ended before the run', {
      lastEventId: reader.lastEventId,
      cause,
    });

  /** Waits until another attempt is due. Throws what the failure amounts to when there is none. */
  async function recover(error: unknown): Promise<void> {
    const id = reader.lastEventId;
    const failure = error instanceof AgentClientError ? error : truncation(error);
    if (body !== undefined && !id) throw failure;
    // To a GET it says that the server has nothing more of the run.
    if (failure instanceof HttpError && !isTransient(failure.status)) throw truncation(failure);
    // Credentials that could not be obtained, maybe for the same reason: a refusal has a status.
    const { code, status = '' } = failure as AuthError;
    if (!/HTTP|NETWORK|TIMEOUT|TRUNCATED|AUTH$/.test(code + status)) throw failure;
    if (fruitless >= reconnect.maxAttempts) {
      if (!fruitless) throw failure;
      throw new ReconnectExhaustedError(`Resuming failed: ${fruitless} attempts`, {
        attempts: fruitless,
        lastEventId: id,
        cause: failure,
      });
    }
    stats.reconnects++;
    onPhase('reconnecting');
    connection = new AbortController();
    readChunk = rest = undefined;
    const delayMs = reconnectDelay(reconnect, fruitless++, reader.retryMs);
    const { signal } = connection;
    await untilReachable(clock, delayMs, signal);
    signal.throwIfAborted();
  }

  return {
    async read() {
      for (;;) {
        try {
          readChunk ??= await within('connect', timeouts.connectMs, connect);
          if (!rest?.length) {
            const { value } = await within('idle', timeouts.idleMs, readChunk);
            limit.end();
            if (!value) throw truncation();
            rest = value;
          }
          const batch = reader.read(rest.subarray(0, PIECE_BYTES));
          rest = reader.failure ? undefined : rest.subarray(PIECE_BYTES);
          if (reader.failure) readChunk = () => Promise.reject(reader.failure);
          if (!batch.events.length) continue;
          fruitless = 0;
          onPhase('streaming');
          if (reader.terminal) {
            // Lets the server end its response: a dropped connection would look like a reader who left.
            const release = within('idle', RELEASE_MS, readChunk);
            release.then(({ value }) => (value ? drop() : limit.end()), drop);
          }
          return batch;
        } catch (error) {
          if (closed) throw error;
          drop();
          await recover(error);
        }
      }
    },
    close() {
      closed = true;
      if (!reader.terminal) drop();
      limit.close();
    },
    async cancel() {
      if (!reader.lastEventId || reader.terminal) return;
      connection = new AbortController();
      // The run is over for the caller, whatever the server makes of the request.
      await within('connect', timeouts.connectMs, () => request('DELETE', 'cancel', {})).catch(
        () => {},
      );
      drop();
    },
  };
}

/** Whether a later answer may be another. */
function isTransient(status: number): boolean {
  return status >= 500 || status === 429 || status === 408;
}
