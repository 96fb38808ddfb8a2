import { describe, expect, it } from 'vitest';
import { chunkings, conformanceCases, expectedEvents, lineEndings } from './conformance.fixture';
import { createSseDecoder, type SseEvent } from './decode';
import { SseDecoderStream } from './streams';

/** The conformance suite: the same tests in Node and in a browser. */
export function describeConformance(): void {
  const encoder = new TextEncoder();

  describe.each(chunkings)('the decoder, chunks: $name', ({ cut }) => {
    it.each(conformanceCases)('conforms in case $name', (conformance) => {
      for (const stream of lineEndings(conformance.stream)) {
        const events: SseEvent[] = [];
        const comments: string[] = [];
        const retries: number[] = [];
        const decoder = createSseDecoder({
          onEvent: (event) => events.push(event),
          onComment: (comment) => comments.push(comment),
          onRetry: (retryMs) => retries.push(retryMs),
        });
        for (const chunk of cut(encoder.encode(stream))) decoder.push(chunk);
        decoder.end();
        expect(events).toEqual(expectedEvents(conformance));
        expect(comments).toEqual(conformance.comments ?? []);
        expect(retries).toEqual(conformance.retries ?? []);
        const lastId = events[events.length - 1]?.id ?? '';
        expect(decoder.lastEventId).toBe(conformance.lastEventId ?? lastId);
      }
    });

    it('conforms as a stream, behind a Response', async () => {
      for (const conformance of conformanceCases) {
        const chunks = cut(encoder.encode(conformance.stream));
        const source = new ReadableStream<Uint8Array>({
          pull(controller) {
            const chunk = chunks.shift();
            if (chunk === undefined) controller.close();
            else controller.enqueue(chunk);
          },
        });
        const events: SseEvent[] = [];
        const body = new Response(source).body ?? new ReadableStream<Uint8Array>();
        await body.pipeThrough(new SseDecoderStream()).pipeTo(
          new WritableStream({
            write(event) {
              events.push(event);
            },
          }),
        );
        expect(events, conformance.name).toEqual(expectedEvents(conformance));
      }
    });
  });
}
