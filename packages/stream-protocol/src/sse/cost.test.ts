import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cut } from './conformance.fixture';
import { createSseDecoder } from './decode';

const encoder = new TextEncoder();
const KiB = 1024;

/** Characters that the decoder's string searches and slices walk over, and the calls they take. */
function countWork(chunks: readonly Uint8Array[]): { characters: number; calls: number } {
  let characters = 0;
  let calls = 0;
  const { indexOf, slice } = String.prototype;
  vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (
    this: string,
    search,
    from = 0,
  ) {
    const index = indexOf.call(this, search, from);
    characters += (index === -1 ? this.length : index) - from;
    calls++;
    return index;
  });
  vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, ...range) {
    const part = slice.apply(this, range);
    characters += part.length;
    calls++;
    return part;
  });
  const decoder = createSseDecoder({ onEvent: () => {} });
  for (const chunk of chunks) decoder.push(chunk);
  vi.restoreAllMocks();
  return { characters, calls };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the work of the decoder', () => {
  const shapes: [name: string, stream: (bytes: number) => string][] = [
    ['one data line', (bytes) => `data: ${'x'.repeat(bytes)}\n\n`],
    ['many data lines', (bytes) => `${`data: ${'x'.repeat(58)}\n`.repeat(bytes / 64)}\n`],
    ['many small events', (bytes) => `data: ${'x'.repeat(56)}\n\n`.repeat(bytes / 64)],
    ['bare fields without a colon', (bytes) => `${'data\n'.repeat(bytes / 5)}\n`],
    ['LF lines after one CR', (bytes) => `data: x\r\r${'data: x\n\n'.repeat(bytes / 9)}`],
    ['CR lines after one LF', (bytes) => `data: x\n\n${'data: x\r\r'.repeat(bytes / 9)}`],
    ['comments', (bytes) => ':\n'.repeat(bytes / 2)],
  ];

  it.each(shapes)('grows eightfold when the stream does: %s', (_name, stream) => {
    for (const chunkBytes of [256, 8 * KiB, Number.POSITIVE_INFINITY]) {
      const work = [10 * KiB, 80 * KiB].map((bytes) =>
        countWork(cut(encoder.encode(stream(bytes)), () => chunkBytes)),
      );
      const [small, large] = work;
      expect(large?.characters).toBeLessThan(8.2 * (small?.characters ?? 0) + 512);
      expect(large?.calls).toBeLessThan(8.2 * (small?.calls ?? 0) + 8);
    }
  });

  it('walks over each byte of a large event a bounded number of times', () => {
    const bytes = 4 * KiB * KiB;
    const { characters } = countWork(
      cut(encoder.encode(`data: ${'x'.repeat(bytes)}\n\n`), () => 64 * KiB),
    );
    expect(characters / bytes).toBeLessThan(4);
  });
});

describe('what outlives its chunk', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');

  /** Heap growth while the values that `keep` takes from 400 chunks of 64 KiB are held. */
  function heldBytes(
    field: (index: number) => string,
    keep: (event: { event: string; id: string }) => string,
  ): number {
    const kept: string[] = [];
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const decoder = createSseDecoder({ onEvent: (event) => kept.push(keep(event)) });
    for (let i = 0; i < 400; i++) {
      decoder.push(encoder.encode(`:${'x'.repeat(64 * KiB)}\n${field(i)}\ndata: x\n\n`));
    }
    collectGarbage();
    const grown = process.memoryUsage().heapUsed - before;
    expect(kept).toHaveLength(400);
    return grown;
  }

  it.each([
    ['ids', (i: number) => `id: event-number-${i}-of-the-run`, ({ id }: { id: string }) => id],
    [
      'event names',
      (i: number) => `event: some-event-name-${i}`,
      ({ event }: { event: string }) => event,
    ],
  ])('does not pin the chunk: %s', (_name, field, keep) => {
    // Pinned, these would be 25 MiB.
    expect(heldBytes(field, keep)).toBeLessThan(4 * KiB * KiB);
  });
});
