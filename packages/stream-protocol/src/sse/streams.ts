import { createSseDecoder, type SseDecoder, type SseDecoderOptions, type SseEvent } from './decode';
import { encodeSseEvent, type SseEventInput } from './encode';

/**
 * A `TransformStream` from events to the bytes of an event stream. An event that would break the framing errors the
 * stream with the `TypeError` of `encodeSseEvent`.
 *
 * @example
 * ```ts
 * import { SseEncoderStream } from '@magi/stream-protocol/sse';
 * const events = new ReadableStream({
 *   start(controller) {
 *     controller.enqueue({ data: 'hello' });
 *     controller.close();
 *   },
 * });
 * new Response(events.pipeThrough(new SseEncoderStream()), { headers: { 'content-type': 'text/event-stream' } });
 * ```
 */
export class SseEncoderStream extends TransformStream<SseEventInput, Uint8Array> {
  constructor() {
    const encoder = new TextEncoder();
    super({
      transform(event, controller) {
        controller.enqueue(encoder.encode(encodeSseEvent(event)));
      },
    });
  }
}

/**
 * A `TransformStream` from the bytes of an event stream, cut anywhere, to its events. An event beyond `maxEventBytes`
 * errors the stream with `SseEventTooLargeError`; an unterminated last event is discarded.
 *
 * A loop that reads chunks and calls `createSseDecoder().push` does the same several times faster.
 *
 * @example
 * ```ts
 * import { SseDecoderStream } from '@magi/stream-protocol/sse';
 * const response = new Response('data: hello\n\n');
 * for await (const { data } of response.body?.pipeThrough(new SseDecoderStream()) ?? []) console.log(data);
 * ```
 */
export class SseDecoderStream extends TransformStream<Uint8Array, SseEvent> {
  constructor(options: Omit<SseDecoderOptions, 'onEvent'> = {}) {
    let decoder: SseDecoder;
    super({
      start(controller) {
        decoder = createSseDecoder({
          ...options,
          onEvent: (event) => controller.enqueue(event),
        });
      },
      transform(bytes) {
        decoder.push(bytes);
      },
      flush() {
        decoder.end();
      },
    });
  }
}
