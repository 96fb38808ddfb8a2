import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, cut } from './conformance.fixture';
import { createSseDecoder, type SseEvent } from './decode';
import { encodeSseComment, encodeSseEvent, type SseEventInput } from './encode';
import { SseDecoderStream, SseEncoderStream } from './streams';

const encoder = new TextEncoder();
/** Any text that UTF-8 can say, awkward characters often. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\n', '\r', '\r\n', ':', ' ', '\0', '\ufeff', '承', '🧠'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});
const singleLine = text.map((value) => value.replace(/[\r\n\0]/g, ''));
const event: fc.Arbitrary<SseEventInput> = fc.record(
  { data: text, event: singleLine, id: singleLine, retry: fc.nat() },
  { requiredKeys: ['data'] },
);

/** What an encoded sequence means: CR and CRLF in data arrive as LF, ids persist, no event type means `message`. */
function meaning(events: readonly SseEventInput[]): SseEvent[] {
  let id = '';
  return events.map((input) => {
    id = input.id ?? id;
    return { data: input.data.replace(/\r\n?/g, '\n'), event: input.event || 'message', id };
  });
}

function decode(chunks: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = [];
  const decoder = createSseDecoder({ onEvent: (dispatched) => events.push(dispatched) });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return events;
}

describe('encodeSseEvent and createSseDecoder', () => {
  it('give back any events, comments between them, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(event), text, fc.integer(), (events, comment, seed) => {
        const stream = events.map((input) => encodeSseComment(comment) + encodeSseEvent(input));
        const random = createRandom(seed);
        const chunks = cut(encoder.encode(stream.join('')), () => 1 + Math.floor(random() * 20));
        expect(decode(chunks)).toEqual(meaning(events));
      }),
      { numRuns: 1_000, seed: 20261122 },
    );
  });

  it('give back multi-byte text cut in two at every byte', () => {
    const events = [{ data: 'é承認🧠…' }, { data: 'ascii' }, { data: '🧠\n🧠', id: '承' }];
    const bytes = encoder.encode(events.map(encodeSseEvent).join(''));
    for (let at = 0; at <= bytes.length; at++) {
      expect(decode([bytes.slice(0, at), bytes.slice(at)])).toEqual(meaning(events));
    }
  });

  it('do not keep a chunk that the caller overwrites', () => {
    const buffer = encoder.encode('data: first, and it stays\n\ndata: sec');
    const events: SseEvent[] = [];
    const decoder = createSseDecoder({ onEvent: (dispatched) => events.push(dispatched) });
    decoder.push(buffer);
    buffer.fill(0x20);
    decoder.push(encoder.encode('ond\n\n'));
    expect(events.map(({ data }) => data)).toEqual(['first, and it stays', 'second']);
  });
});

describe('SseEncoderStream and SseDecoderStream', () => {
  async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
    const items: T[] = [];
    for await (const item of stream) items.push(item);
    return items;
  }

  function streamOf<T>(...items: T[]): ReadableStream<T> {
    return new ReadableStream({
      start(controller) {
        for (const item of items) controller.enqueue(item);
        controller.close();
      },
    });
  }

  it('give back the events that are piped through both', async () => {
    const events: SseEventInput[] = [
      { data: 'a\nb', event: 'token' },
      { data: '承認', id: '7' },
    ];
    const bytes = streamOf(...events).pipeThrough(new SseEncoderStream());
    expect(await collect(bytes.pipeThrough(new SseDecoderStream()))).toEqual(meaning(events));
  });

  it('error with the reason: a forged field, an event that is too large', async () => {
    const forged = streamOf({ data: 'x', id: '1\ndata: y' }).pipeThrough(new SseEncoderStream());
    await expect(collect(forged)).rejects.toThrow(TypeError);
    const large = streamOf(encoder.encode('data: 0123456789\n\n'));
    await expect(
      collect(large.pipeThrough(new SseDecoderStream({ maxEventBytes: 8 }))),
    ).rejects.toMatchObject({ code: 'ERR_SSE_EVENT_TOO_LARGE' });
  });

  it('refuse a wrong option at construction', () => {
    expect(() => new SseDecoderStream({ maxEventBytes: -1 })).toThrow(RangeError);
  });
});
