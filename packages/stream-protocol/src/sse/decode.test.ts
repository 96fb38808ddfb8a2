import { describe, expect, it, vi } from 'vitest';
import {
  createSseDecoder,
  type SseDecoderOptions,
  type SseEvent,
  SseEventTooLargeError,
} from './decode';

const encoder = new TextEncoder();

function decodeAll(chunks: string[], options: Partial<SseDecoderOptions> = {}) {
  const events: SseEvent[] = [];
  const decoder = createSseDecoder({ onEvent: (event) => events.push(event), ...options });
  for (const chunk of chunks) decoder.push(encoder.encode(chunk));
  return { events, decoder };
}

describe('createSseDecoder', () => {
  it('dispatches an event at its blank line', () => {
    expect(decodeAll(['data: hello\n\n']).events).toEqual([
      { data: 'hello', event: 'message', id: '' },
    ]);
  });

  it('dispatches at a lone CR without waiting for an LF that may follow', () => {
    const { events, decoder } = decodeAll(['data: a\r\r']);
    expect(events).toHaveLength(1);
    decoder.push(encoder.encode('\ndata: b\r\n\r'));
    expect(events.map(({ data }) => data)).toEqual(['a', 'b']);
  });

  it('commits an id without data, and keeps it for later events', () => {
    const { events, decoder } = decodeAll(['id: 1\n\n']);
    expect(events).toEqual([]);
    expect(decoder.lastEventId).toBe('1');
    decoder.push(encoder.encode('data: x\n\n'));
    expect(events).toEqual([{ data: 'x', event: 'message', id: '1' }]);
  });

  it('discards an unterminated event and its id, and begins a new stream after end()', () => {
    const { events, decoder } = decodeAll(['id: 1\ndata: a\n\nid: 2\ndata: b\n']);
    decoder.end();
    expect(decoder.lastEventId).toBe('1');
    decoder.push(encoder.encode('\ufeffdata: c\n\n'));
    expect(events.map(({ data, id }) => [data, id])).toEqual([
      ['a', '1'],
      ['c', '1'],
    ]);
  });

  it('reports comments and reconnection times', () => {
    const onComment = vi.fn();
    const onRetry = vi.fn();
    decodeAll([': keep', '-alive\n:\n:x\nretry: 1500\nretry: 1e3\n'], { onComment, onRetry });
    expect(onComment.mock.calls).toEqual([['keep-alive'], [''], ['x']]);
    expect(onRetry.mock.calls).toEqual([[1500]]);
  });

  it('does not hand its state to handlers as `this`', () => {
    const receivers: unknown[] = [];
    function handler(this: unknown) {
      receivers.push(this);
    }
    decodeAll([':\nretry: 1\ndata\n\n'], {
      onEvent: handler,
      onComment: handler,
      onRetry: handler,
    });
    expect(receivers).toEqual([undefined, undefined, undefined]);
  });

  it('passes on what a handler throws and goes on with the next chunk', () => {
    let calls = 0;
    const { decoder } = decodeAll([], {
      onEvent: () => {
        calls++;
        if (calls === 1) throw new Error('handler');
      },
    });
    expect(() => decoder.push(encoder.encode('data: a\n\n'))).toThrow('handler');
    decoder.push(encoder.encode('data: b\n\n'));
    expect(calls).toBe(2);
  });
});

describe('maxEventBytes', () => {
  const block = 'data: 0123456789\n\n'; // 18 bytes

  it('lets an event of exactly the limit pass, however it is cut', () => {
    for (const chunks of [[block + block], [...block, ...block]]) {
      expect(decodeAll(chunks, { maxEventBytes: 17 }).events).toHaveLength(2);
    }
  });

  it('throws beyond the limit, however it is cut, and stays failed', () => {
    for (const chunks of [[`data: a\n\n${block}`], ['data: a\n\n', ...block]]) {
      const events: SseEvent[] = [];
      const decoder = createSseDecoder({
        onEvent: (event) => events.push(event),
        maxEventBytes: 16,
      });
      const pushAll = () => {
        for (const chunk of chunks) decoder.push(encoder.encode(chunk));
      };
      expect(pushAll).toThrow(SseEventTooLargeError);
      expect(events).toHaveLength(1);
      expect(() => decoder.push(encoder.encode('\n\n'))).toThrow(
        expect.objectContaining({ code: 'ERR_SSE_EVENT_TOO_LARGE', maxEventBytes: 16 }),
      );
    }
  });

  it('counts UTF-8 bytes, not characters', () => {
    const japanese = `data: ${'承'.repeat(10)}\n\n`; // 6 + 30 + 1 bytes before the blank line
    expect(decodeAll([japanese], { maxEventBytes: 37 }).events).toHaveLength(1);
    expect(() => decodeAll([japanese], { maxEventBytes: 36 })).toThrow(SseEventTooLargeError);
  });

  it('bounds a line that never ends', () => {
    const { decoder } = decodeAll([], { maxEventBytes: 1024 });
    const chunk = encoder.encode('x'.repeat(100));
    for (let i = 0; i < 10; i++) decoder.push(chunk);
    expect(() => decoder.push(chunk)).toThrow(SseEventTooLargeError);
  });
});

describe('options', () => {
  it.each([
    [{}, '"onEvent" must be a function'],
    [
      { onEvent: () => {}, maxEventBytes: 0 },
      '"maxEventBytes" must be a positive integer number of bytes',
    ],
    [{ onEvent: () => {}, onevent: () => {} }, 'Unknown option "onevent" for the SSE decoder'],
  ])('refuses %j at construction', (options, message) => {
    expect(() => createSseDecoder(options as unknown as SseDecoderOptions)).toThrow(message);
  });
});
