import type { SseEvent } from './decode';

/** One stream and what a conformant consumer makes of it. */
export interface ConformanceCase {
  /** The file of the web platform tests (`eventsource/format-*`) that covers the same rule, or our own name. */
  name: string;
  stream: string;
  /** `[data, event, id]` of each dispatched event; `event` defaults to `message`, `id` to `''`. */
  events: [data: string, event?: string, id?: string][];
  lastEventId?: string;
  retries?: number[];
  comments?: string[];
}

const long = 'x'.repeat(2048);

/**
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @see https://github.com/web-platform-tests/wpt/tree/master/eventsource
 */
export const conformanceCases: ConformanceCase[] = [
  // A byte order mark is dropped at the start of the stream, once.
  { name: 'bom', stream: '\ufeffdata:a\n\n\ufeffdata:b\n\ndata:c\n\n', events: [['a'], ['c']] },
  { name: 'bom-2', stream: '\ufeff\ufeffdata:a\n\ndata:b\n\n', events: [['b']] },
  { name: 'bom-in-data', stream: 'data:\ufeffa\ufeff\n\n', events: [['\ufeffa\ufeff']] },
  { name: 'bom-only', stream: '\ufeff', events: [] },

  {
    name: 'comments',
    stream: `data:a\r:\0\n:\r\ndata:b\n:${long}\rdata:c\n:data:no\r: ${long}\ndata:d\n\n`,
    events: [['a\nb\nc\nd']],
    comments: ['\0', '', long, 'data:no', long],
  },
  {
    name: 'comment-only',
    stream: ': keep-alive\n\n:\n\n',
    events: [],
    comments: ['keep-alive', ''],
  },

  // "Once the end of the file is reached, any pending data must be discarded."
  {
    name: 'data-before-final-empty-line',
    stream: 'retry:1000\ndata:a\n\nid:late\ndata:b',
    events: [['a']],
    lastEventId: '',
    retries: [1000],
  },
  { name: 'data-before-final-empty-line, line ended', stream: 'id:1\ndata:a\n', events: [] },

  {
    name: 'field-data',
    stream: 'data:\n\ndata\ndata\n\ndata:a\n\n',
    events: [[''], ['\n'], ['a']],
  },
  { name: 'field-data, many lines', stream: 'data: a\ndata:\ndata: b\n\n', events: [['a\n\nb']] },
  {
    name: 'field-event',
    stream: 'event:token\ndata:a\n\ndata:b\n\n',
    events: [['a', 'token'], ['b']],
  },
  {
    name: 'field-event-empty',
    stream: 'event: \ndata:a\n\nevent\ndata:b\n\n',
    events: [['a'], ['b']],
  },
  { name: 'field-event, last wins', stream: 'event:x\nevent:y\ndata:a\n\n', events: [['a', 'y']] },
  {
    name: 'field-event without data is forgotten',
    stream: 'event:x\n\ndata:a\n\n',
    events: [['a']],
  },

  {
    name: 'field-id',
    stream: 'id: …\ndata:a\n\n',
    events: [['a', 'message', '…']],
    lastEventId: '…',
  },
  {
    name: 'field-id-2, persists',
    stream: 'id:1\ndata:a\n\ndata:b\n\nid:2\ndata:c\n\n',
    events: [
      ['a', 'message', '1'],
      ['b', 'message', '1'],
      ['c', 'message', '2'],
    ],
    lastEventId: '2',
  },
  {
    name: 'field-id-3, reset',
    stream: 'id:1\ndata:a\n\nid:\ndata:b\n\nid:2\ndata:c\n\nid\ndata:d\n\n',
    events: [['a', 'message', '1'], ['b'], ['c', 'message', '2'], ['d']],
    lastEventId: '',
  },
  { name: 'field-id without data', stream: 'id:1\n\n', events: [], lastEventId: '1' },
  // "If the field value does not contain U+0000 NULL, then set the last event ID buffer."
  ...['\0\0', 'x\0', '\0x', 'x\0x', ' \0'].map((id) => ({
    name: `field-id-null ${JSON.stringify(id)}`,
    stream: `id:${id}\ndata:a\n\n`,
    events: [['a']] as ConformanceCase['events'],
    lastEventId: '',
  })),

  {
    name: 'field-parsing',
    stream:
      'data:\0\ndata:  b\rData:no\ndata\0:no\ndata:c\r\0data:no\nda-ta:no\rdata_no\ndata:d\rdata:\r\n data:no\ndata:e\n\n',
    events: [['\0\n b\nc\nd\n\ne']],
  },
  {
    name: 'field-parsing, colons',
    stream: 'data:a:b\ndata::\n:data\n\n',
    events: [['a:b\n:']],
    comments: ['data'],
  },
  {
    name: 'field-retry',
    stream: 'retry:03000\n\nretry: 5\ndata:a\n\n',
    events: [['a']],
    retries: [3000, 5],
  },
  {
    name: 'field-retry-bogus',
    stream: 'retry:1000x\nretry:1e3\nretry:-1\nretry: 1 \nretry:1.5\nretry:٣\ndata:a\n\n',
    events: [['a']],
    retries: [],
  },
  { name: 'field-retry-empty', stream: 'retry\nretry:\ndata:a\n\n', events: [['a']], retries: [] },
  {
    name: 'field-unknown',
    stream: 'data:a\n data\ndata\nfoobar:b\njusttext\n:comment\ndata:c\n\n',
    events: [['a\n\nc']],
    comments: ['comment'],
  },
  { name: 'leading-space', stream: 'data:\ta\rdata: \ndata:  b\n\n', events: [['\ta\n\n b']] },
  { name: 'newlines', stream: 'data:a\r\ndata\ndata:b\r\n\r', events: [['a\n\nb']] },
  {
    name: 'newlines, blank lines',
    stream: '\n\r\r\n\r\n\ndata:a\r\r\rdata:b\n\r\n',
    events: [['a'], ['b']],
  },
  {
    name: 'newlines that are none',
    stream: 'data:a\u2028b\u2029c\u0085d\v\f\n\n',
    events: [['a\u2028b\u2029c\u0085d\v\f']],
  },
  { name: 'null-character', stream: 'data:\0\n\n\n\n', events: [['\0']] },
  { name: 'utf-8', stream: 'data:ok…承認🧠é\n\n', events: [['ok…承認🧠é']] },
  {
    name: 'event-data',
    stream: 'data: first\ndata: second\n\n: note\ndata:x\n\nevent:done\ndata\n\n',
    events: [['first\nsecond'], ['x'], ['', 'done']],
    comments: ['note'],
  },
  { name: 'empty stream', stream: '', events: [] },
];

/** `bytes` in pieces whose sizes come from `nextSize`. */
export function cut(bytes: Uint8Array, nextSize: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = start + nextSize();
    chunks.push(bytes.slice(start, end));
    start = end;
  }
  return chunks;
}

/** Ways to cut every stream; the random one is seeded. */
export const chunkings: { name: string; cut(bytes: Uint8Array): Uint8Array[] }[] = [
  { name: 'whole', cut: (bytes) => [bytes] },
  { name: '1 byte', cut: (bytes) => cut(bytes, () => 1) },
  { name: '3 bytes', cut: (bytes) => cut(bytes, () => 3) },
  {
    name: 'random',
    cut: (bytes) => {
      const random = createRandom(bytes.length);
      return cut(bytes, () => Math.floor(random() * 9));
    },
  },
];

/** Forms of one stream: as written, and with its LFs as CR or CRLF where it has no other line ends. */
export function lineEndings(stream: string): string[] {
  if (stream.includes('\r')) return [stream];
  return [stream, stream.replaceAll('\n', '\r'), stream.replaceAll('\n', '\r\n')];
}

/** What a case must give, with the defaults filled in. */
export function expectedEvents({ events }: ConformanceCase): SseEvent[] {
  return events.map(([data, event = 'message', id = '']) => ({ data, event, id }));
}

/** Random numbers in [0, 1) that repeat for a seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
