import type { AgentEvent } from '@magi/stream-protocol';
import { systemClock } from './clock';
import { encodeEvent } from './encode-event';
import { createEventWriter } from './event-writer';
import { createRunSource } from './run-source';
import { within } from './within';
import { createWritableSink, type WritableLike } from './writable-sink';

/** How long a source that was left may take to clean up. Milliseconds. */
const CLOSE_MS = 1_000;

/**
 * Writes events to a stream as Server-Sent Events: one write per tick, waiting for the reader.
 *
 * Does not end or destroy the stream, add RUN_STARTED or a terminal event, or check the events' order: `streamHandler` does.
 * Stops at once when the reader goes away, and rejects with what `events` throws after writing what came before.
 *
 * A source that is left is closed by `return()` and gets 1 000 ms for it. An async generator that waits for something learns of
 * it only when that has come: hand what it waits for a signal of your own.
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
  let failure: { error: unknown } | undefined;
  const source = createRunSource(() => events, {
    take: (event) => {
      try {
        writer.push(encodeEvent(event as AgentEvent));
      } catch (error) {
        failure = { error };
      }
      return failure === undefined && !sink.gone;
    },
    isBehind: writer.isBehind,
    catchUp: writer.catchUp,
  });
  const gone = new Promise<void>((resolve) => sink.onGone(resolve));
  try {
    if (!sink.gone) await Promise.race([source.pump(), gone]);
  } finally {
    await writer.catchUp();
    sink.release();
    const closing = source.close();
    if (await within(closing, CLOSE_MS, systemClock)) await closing;
  }
  if (failure !== undefined) throw failure.error;
  return !sink.gone;
}
