import type { AgentEvent, UnknownReport } from '@magi/stream-protocol';
import { parseAgentEvent } from '@magi/stream-protocol';
import { createSseDecoder } from '@magi/stream-protocol/sse';
import { countInterval, type MutableRunStats } from './run-stats';

/** Event IDs remembered to recognise duplicates. The oldest are forgotten first. */
const MAX_REMEMBERED_IDS = 65_536;

/** The events of one network chunk, each with the last event ID as of it. */
export interface EventBatch {
  readonly events: AgentEvent[];
  readonly ids: string[];
}

/** What outlives a connection: where the stream is, and what has been seen. */
export interface StreamPosition {
  lastEventId: string;
  lastData: string;
  /** The server's `retry`, in milliseconds. */
  retryMs: number | undefined;
  readonly seen: Set<string>;
  /** RUN_FINISHED or RUN_ERROR was read: whatever follows is ignored. */
  terminal: boolean;
}

export interface EventReaderOptions {
  readonly position: StreamPosition;
  readonly stats: MutableRunStats;
  readonly maxEventBytes: number;
  readonly elapsedMs: () => number;
  readonly onUnknown: (report: UnknownReport) => void;
}

export interface EventReader {
  /** Returns the events that the chunk completes. A failure comes after the events before it: see `failure`. */
  read(chunk: Uint8Array): EventBatch;
  /** What stopped the reading, if anything did. */
  readonly failure: unknown;
}

/** Reads the chunks of one connection. */
export function createEventReader(options: EventReaderOptions): EventReader {
  const { position, stats, elapsedMs } = options;
  let batch: EventBatch = { events: [], ids: [] };
  let connectionId = '';
  let nowMs = 0;
  let lastTextMs: number | undefined;
  let failure: unknown;

  const accept = (data: string, id: string) => {
    if (position.terminal) return;
    const changed = id !== connectionId;
    if (id) {
      // An event without an `id` field has the id of the one before: then only equal data makes it a duplicate.
      const repeated = changed ? position.seen.has(id) : data === position.lastData;
      connectionId = id;
      position.lastData = data;
      if (repeated) {
        stats.duplicates++;
        return;
      }
      remember(position.seen, id);
    }
    if (changed) connectionId = position.lastEventId = id;
    if (!data || data === '[DONE]') return;
    const event = parseAgentEvent(data, options);
    if (!event) {
      stats.unknownEvents++;
      return;
    }
    stats.events++;
    stats.firstEventMs ??= nowMs;
    if (event.type === 'TEXT_MESSAGE_CONTENT' || event.type === 'TEXT_MESSAGE_CHUNK') {
      if (lastTextMs !== undefined) countInterval(stats, nowMs - lastTextMs);
      stats.firstTextMs ??= lastTextMs = nowMs;
      lastTextMs = nowMs;
    }
    position.terminal = event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR';
    batch.events.push(event);
    batch.ids.push(position.lastEventId);
  };

  const decoder = createSseDecoder({
    maxEventBytes: options.maxEventBytes,
    onEvent: ({ data, id }) => accept(data, id),
    onComment: () => {
      stats.keepAlives++;
    },
    onRetry: (retryMs) => {
      position.retryMs = retryMs;
    },
  });

  return {
    read(chunk) {
      nowMs = elapsedMs();
      stats.firstByteMs ??= nowMs;
      stats.bytes += chunk.length;
      const read = batch;
      try {
        decoder.push(chunk);
      } catch (error) {
        failure = error;
      }
      // "Set the last event ID string", data or no data: an event without data is how a server makes a stream resumable early.
      const id = decoder.lastEventId;
      if (id !== connectionId && !position.seen.has(id)) connectionId = position.lastEventId = id;
      batch = { events: [], ids: [] };
      return read;
    },
    get failure() {
      return failure;
    },
  };
}

function remember(seen: Set<string>, id: string): void {
  seen.add(id);
  if (seen.size <= MAX_REMEMBERED_IDS) return;
  for (const oldest of seen) {
    seen.delete(oldest);
    return;
  }
}
