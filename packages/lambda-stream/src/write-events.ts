import type { AgentEvent } from '@magi/stream-protocol';
import { encodeEvent } from './encode-event';
import { createEventWriter } from './event-writer';
import { createWritableSink, type WritableLike } from './writable-sink';

/**
 * Writes events to a stream as Server-Sent Events: one write per tick, waiting for the reader.
 *
 * Does not end or destroy the stream, add RUN_STARTED or a terminal event, or check the events' order: `streamHandler` does.
 * Stops early when the reader goes away, and rejects with what `events` throws after writing what came before.
 *
 * @param stream A Node writable stream, an HTTP response, or Lambda's response stream.
 * @returns Whether everything was handed over: `false` when the reader went away first.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { writeEvents } from '@magi/lambda-stream';
 *
 * createServer(async (request, response) => {
 *   response.writeHead(200, { 'content-type': 'text/event-stream' });
 *   await writeEvents(response, answer());
 *   response.end();
 * });
 * ```
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function writeEvents(
  stream: WritableLike,
  events: AsyncIterable<AgentEvent>,
): Promise<boolean> {
  const sink = createWritableSink(stream);
  const writer = createEventWriter(sink);
  try {
    for await (const event of events) {
      writer.push(encodeEvent(event));
      if (writer.isBehind()) await writer.catchUp();
      if (sink.gone) break;
    }
  } finally {
    await writer.catchUp();
    sink.release();
  }
  return !sink.gone;
}
