import { EventEmitter } from 'node:events';

export interface ResponseStreamOptions {
  /** When `write` starts to return false, bytes. Default: 16 384, as on Node 20; newer versions have 65 536. */
  readonly highWaterMarkBytes?: number;
  /** Called with each network chunk once the reader takes it. */
  onChunk?(chunk: Uint8Array): void;
}

/** What went over a response stream. */
export interface ResponseStreamRecord {
  readonly contentType: string | undefined;
  /** The JSON before the 8 NUL bytes, parsed; `undefined` until it was read, or when there was none. */
  readonly prelude:
    | { statusCode: number; headers: Record<string, string>; cookies?: string[] }
    | undefined;
  /** Everything after the prelude, as text. */
  readonly body: string;
  /** One entry per write that the reader took, as text; the first holds the prelude. */
  readonly chunks: readonly string[];
  /** Bytes that were written and not yet taken. */
  readonly queuedBytes: number;
  readonly peakQueuedBytes: number;
  readonly ended: boolean;
  readonly finished: boolean;
  /** What would have ended the runtime's process: a write after the end, a destroy. */
  readonly fatal: readonly string[];
}

const NUL_BYTES = 8;
const INTEGRATION = 'application/vnd.awslambda.http-integration-response';

/**
 * A double of the stream that the Lambda runtime hands to a streaming handler, with a reader that can be paused, resumed and
 * sent away. As in the runtime it is not a `stream.Writable`, `write(null)` throws, other objects are written as JSON,
 * `setContentType` after the first write throws, and a write after the end is fatal to the process.
 *
 * Does not reproduce timing, and takes a whole write at once where sockets take pieces.
 *
 * @example
 * ```ts
 * import { createResponseStream } from '@magi/lambda-stream/testing';
 *
 * const { stream, record } = createResponseStream();
 * await handler(event, stream, { getRemainingTimeInMillis: () => 30_000 });
 * record.prelude; // { statusCode: 200, headers: { … } }
 * ```
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/ResponseStream.js
 */
export function createResponseStream({
  highWaterMarkBytes = 16_384,
  onChunk,
}: ResponseStreamOptions = {}) {
  const emitter = new EventEmitter();
  const queue: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  const fatal: string[] = [];
  let contentType: string | undefined;
  let queuedBytes = 0;
  let peakQueuedBytes = 0;
  let needDrain = false;
  let wrote = false;
  let ended = false;
  let finished = false;
  let destroyed = false;
  let paused = false;
  let scheduled = false;

  const takeQueued = (): void => {
    scheduled = false;
    if (paused || destroyed) return;
    for (const chunk of queue.splice(0)) {
      queuedBytes -= chunk.byteLength;
      taken.push(chunk);
      onChunk?.(chunk);
    }
    if (needDrain && !ended) {
      needDrain = false;
      emitter.emit('drain');
    }
    if (ended && !finished) {
      finished = true;
      emitter.emit('finish');
      // The connection closes once the Runtime API has answered.
      setImmediate(() => emitter.emit('close'));
    }
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(takeQueued);
  };

  const write = (chunk: unknown): boolean => {
    if (chunk === null || chunk === undefined)
      throw new TypeError('Cannot read properties of null');
    if (ended) {
      fatal.push('write after end');
      emitter.emit('error', new Error('write after end'));
      return false;
    }
    wrote = true;
    if (destroyed) return false; // vanishes silently, as in the runtime
    const bytes =
      chunk instanceof Uint8Array
        ? chunk
        : Buffer.from(typeof chunk === 'string' ? chunk : JSON.stringify(chunk));
    if (bytes.byteLength > 0) queue.push(bytes);
    queuedBytes += bytes.byteLength;
    peakQueuedBytes = Math.max(peakQueuedBytes, queuedBytes);
    if (queuedBytes >= highWaterMarkBytes) needDrain = true;
    schedule();
    return !needDrain;
  };

  const stream = {
    write,
    end: (chunk?: unknown): void => {
      if (ended) return;
      if (chunk !== undefined && chunk !== null) write(chunk);
      ended = true;
      schedule();
    },
    destroy: (): void => {
      fatal.push('destroy');
      destroyed = true;
      emitter.emit('close');
    },
    setContentType: (value: string): void => {
      if (wrote) throw new Error('Cannot set content-type, too late.');
      contentType = value;
    },
    cork: (): void => undefined,
    uncork: (): void => undefined,
    on: emitter.on.bind(emitter),
    once: emitter.once.bind(emitter),
    off: emitter.off.bind(emitter),
    addListener: emitter.addListener.bind(emitter),
    removeListener: emitter.removeListener.bind(emitter),
    removeAllListeners: emitter.removeAllListeners.bind(emitter),
    listeners: emitter.listeners.bind(emitter),
    listenerCount: emitter.listenerCount.bind(emitter),
    emit: emitter.emit.bind(emitter),
    /** Stays true after the end: it is an `http.ClientRequest`'s. */
    writable: true,
    get writableEnded() {
      return ended;
    },
    get writableFinished() {
      return finished;
    },
    get writableNeedDrain() {
      return needDrain;
    },
    get writableLength() {
      return queuedBytes;
    },
    get writableHighWaterMark() {
      return highWaterMarkBytes;
    },
    get writableCorked() {
      return 0;
    },
    get writableObjectMode() {
      return false;
    },
    get destroyed() {
      return destroyed;
    },
  };
  // The runtime's own listener: without one an 'error' event would end the test's process.
  emitter.on('error', () => undefined);

  const bytesTaken = (): Buffer => Buffer.concat(taken);
  const bodyStart = (): number => {
    if (contentType !== INTEGRATION) return 0;
    const nul = bytesTaken().indexOf(Buffer.alloc(NUL_BYTES));
    return nul === -1 ? Number.POSITIVE_INFINITY : nul + NUL_BYTES;
  };
  const record: ResponseStreamRecord = {
    get contentType() {
      return contentType;
    },
    get prelude() {
      const start = bodyStart();
      if (start === 0 || start === Number.POSITIVE_INFINITY) return undefined;
      return JSON.parse(bytesTaken().toString('utf8', 0, start - NUL_BYTES));
    },
    get body() {
      return bytesTaken().subarray(bodyStart()).toString();
    },
    get chunks() {
      return taken.map((chunk) => Buffer.from(chunk).toString());
    },
    get queuedBytes() {
      return queuedBytes;
    },
    get peakQueuedBytes() {
      return peakQueuedBytes;
    },
    get ended() {
      return ended;
    },
    get finished() {
      return finished;
    },
    fatal,
  };
  return {
    stream,
    record,
    /** The reader stops reading. */
    pause: (): void => {
      paused = true;
    },
    resume: (): void => {
      paused = false;
      schedule();
    },
    /** The reader goes away: only `close` tells, and later writes vanish. */
    leave: (): void => {
      if (destroyed || finished) return;
      destroyed = true;
      queue.length = 0;
      queuedBytes = 0;
      emitter.emit('close');
    },
  };
}
