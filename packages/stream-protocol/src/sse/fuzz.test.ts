import { describe, expect, it } from 'vitest';
import { createRandom, cut } from './conformance.fixture';
import type { SseEvent } from './decode';
import {
  decodeBySpecification,
  decodeOurs,
  decodeWithEventsourceParser,
  decodeWithUndici,
} from './peers.fixture';

const encoder = new TextEncoder();

const bytes = (...values: number[]) => Uint8Array.from(values);
const texts = (...values: string[]) => values.map((value) => encoder.encode(value));

const fields = texts(
  ...[
    'data:',
    'data: ',
    'data',
    'data',
    'data:x',
    'event:',
    'event: token',
    'event',
    'id:',
    'id: 1',
    'id',
  ],
  ...['retry: 10', 'retry:x', ':', ': note', 'Data:', ' data:', 'foo: bar', ''],
);
const lineEnds = texts('\n', '\n', '\n\n', '\n\n', '\r', '\r\r', '\r\n', '\r\n\r\n', '\n\r', '');
/** Awkward characters, and bytes that are not UTF-8. */
const values = [
  ...texts(
    '\0',
    '\t',
    ' ',
    ':',
    'é',
    '承',
    '認',
    '🧠',
    '…',
    '\ufeff',
    '\u2028',
    'some longer text',
    'data',
  ),
  ...[
    bytes(0x80),
    bytes(0xe4),
    bytes(0xe4, 0xb8),
    bytes(0xf0, 0x9f),
    bytes(0xff),
    bytes(0xed, 0xa0),
  ],
];

function randomStream(random: () => number): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (choices: readonly Uint8Array[]) =>
    parts.push(choices[Math.floor(random() * choices.length)] ?? bytes());
  if (random() < 0.2) add(texts('\ufeff', '\ufeff\ufeff', '\n'));
  for (let lines = random() * 16; lines > 0; lines--) {
    add(fields);
    for (let count = random() * 4 - 2; count > 0; count--) add(values);
    add(lineEnds);
  }
  // A CR at the very end is a line end, but eventsource-parser waits for what follows: a comment line settles it.
  return Buffer.concat([...parts, encoder.encode('\r:end\n')]);
}

/** Mostly small chunks, sometimes the whole stream at once. */
function randomCut(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const largest = 2 ** Math.floor(random() * 10);
  return cut(bytes, () => 1 + Math.floor(random() * largest));
}

describe('the decoder beside the specification, undici and eventsource-parser', () => {
  const streams = Number(process.env.MAGI_FUZZ_STREAMS ?? 20_000);

  it(`makes the same of ${streams} random streams, cut at random`, {
    timeout: 20_000 + 5 * streams,
  }, () => {
    let dispatched = 0;
    for (let seed = 0; seed < streams; seed++) {
      const random = createRandom(seed);
      const stream = randomStream(random);
      const chunks = randomCut(stream, random);
      const ours = decodeOurs(chunks);
      dispatched += ours.length;
      const say = () =>
        `seed ${seed}: ${JSON.stringify(chunks.map((chunk) => Buffer.from(chunk).toString('latin1')))}`;

      const isSame =
        same(ours, decodeBySpecification(chunks)) && same(ours, decodeWithUndici(chunks));
      if (!isSame) {
        expect(ours, say()).toEqual(decodeBySpecification(chunks));
        expect(ours, say()).toEqual(decodeWithUndici(chunks));
      }
      const theirs = decodeWithEventsourceParser(chunks);
      const isAlike =
        theirs.length === ours.length &&
        theirs.every(({ data, event, ownId }, index) => {
          const own = ours[index];
          return own?.data === data && own.event === event && (ownId ?? own.id) === own.id;
        });
      if (!isAlike) expect(ours, say()).toEqual(theirs);
    }
    expect(dispatched).toBeGreaterThan(streams);
  });
});

function same(left: readonly SseEvent[], right: readonly SseEvent[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ data, event, id }, index) => {
      const other = right[index];
      return other?.data === data && other.event === event && other.id === id;
    })
  );
}
