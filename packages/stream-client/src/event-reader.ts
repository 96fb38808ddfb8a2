import { type AgentEvent, type EventParseError, parseAgentEvent } from '@magi/stream-protocol';
import { createSseDecoder, SseEventTooLargeError } from '@magi/stream-protocol/sse';
import { type AgentClientError, BufferOverflowError, ProtocolError } from './errors';
import type { Transport } from './run-source';
import { countInterval, type MutableRunStats } from './run-stats';

/** Event IDs remembered to recognise duplicates. The oldest are forgotten first. */
const MAX_REMEMBERED_IDS = 65_536;

/** The events of one network chunk, each with the last event ID as of it. */
export interface EventBatch {
  readonly events: AgentEvent[];
  readonly ids: string[];
}

/** Reads the chunks of a run's connections, one connection after the other, and remembers where the stream is. */
export interface EventReader {
  readonly lastEventId: string;
  /** The server's `retry`, in milliseconds. */
  readonly retryMs?: number;
  /** RUN_FINISHED or RUN_ERROR was read: whatever follows is ignored. */
  readonly terminal: boolean;
  /** What stopped the reading, if anything did. It comes after the events before it. */
  readonly failure?: AgentClientError;
  /** Returns the events that the chunk completes. */
  read(chunk: Uint8Array): EventBatch;
  /** Begins with another connection. */
  restart(): void;
}

export function createEventReader(
  transport: Transport,
  stats: MutableRunStats,
  elapsedMs: () => number,
  startId: string,
): EventReader {
  const seen = new Set([startId]);
  let batch: EventBatch = { events: [], ids: [] };
  /** The id of the event before, seen or not. */
  let currentId = '';
  let lastData = '';
  let nowMs = 0;
  let lastTextMs: number | undefined;

  const decoder = createSseDecoder({
    maxEventBytes: transport.maxEventBytes,
    onEvent({ data, id }) {
      if (reader.terminal) return;
      const isNewId = id !== currentId;
      if (id) {
        // An event without an `id` field has the id of the one before: then only equal data makes it a duplicate.
        const repeated = isNewId ? seen.has(id) : data === lastData;
        currentId = id;
        lastData = data;
        if (repeated) {
          stats.duplicates++;
          return;
        }
        if (seen.add(id).size > MAX_REMEMBERED_IDS) seen.delete(seen.values().next().value ?? '');
      }
      if (isNewId) currentId = reader.lastEventId = id;
      if (!data || data === '[DONE]') return;
      const event = parseAgentEvent(data, transport);
      if (!event) {
        stats.unknownEvents++;
        return;
      }
      const { type } = event;
      stats.events++;
      stats.firstEventMs ??= nowMs;
      if (type === 'TEXT_MESSAGE_CONTENT' || type === 'TEXT_MESSAGE_CHUNK') {
        if (lastTextMs !== undefined) countInterval(stats, nowMs - lastTextMs);
        stats.firstTextMs ??= nowMs;
        lastTextMs = nowMs;
      }
      reader.terminal = type === 'RUN_FINISHED' || type === 'RUN_ERROR';
      batch.events.push(event);
      batch.ids.push(reader.lastEventId);
    },
    onComment() {
      stats.keepAlives++;
    },
    onRetry(retryMs) {
      reader.retryMs = retryMs;
    },
  });

  const reader: { -readonly [K in keyof EventReader]: EventReader[K] } = {
    lastEventId: startId,
    terminal: false,
    read(chunk) {
      nowMs = elapsedMs();
      stats.firstByteMs ??= nowMs;
      stats.bytes += chunk.length;
      try {
        decoder.push(chunk);
      } catch (cause) {
        reader.failure = describe(cause);
      }
      // "Set the last event ID string", data or no data: an event without data is how a server makes a stream resumable early.
      const id = decoder.lastEventId;
      if (id !== currentId && !seen.has(id)) currentId = reader.lastEventId = id;
      const read = batch;
      batch = { events: [], ids: [] };
      return read;
    },
    restart: () => decoder.end(),
  };
  return reader;
}

function describe(cause: unknown): AgentClientError {
  const { message, eventType, field } = cause as EventParseError;
  return cause instanceof SseEventTooLargeError
    ? new BufferOverflowError(message, { limitBytes: cause.maxEventBytes, cause })
    : new ProtocolError(message, { eventType, field, cause });
}
