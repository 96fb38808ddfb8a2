import { createUtf8Stream, decodeUtf8, utf8Length } from './utf8';

/** One dispatched event of an event stream. */
export interface SseEvent {
  /**
   * The payload: the `data` lines joined by LF. It may share memory with the network chunk it came in, so parse or copy
   * what outlives the event.
   */
  data: string;
  /** Event type; `message` when the stream named none. */
  event: string;
  /** The last event ID at this event: its own `id`, or an earlier event's; `''` when there was none. */
  id: string;
}

export interface SseDecoderOptions {
  /** Called for each dispatched event, in order, inside `push`. If it throws, `push` throws and the chunk's rest is lost. */
  onEvent: (event: SseEvent) => void;
  /** Called with the text of each comment line, without its colon and one leading space. */
  onComment?: (comment: string) => void;
  /** Called with each valid reconnection time, in milliseconds. */
  onRetry?: (retryMs: number) => void;
  /**
   * Largest event, in bytes from the end of the previous blank line to its own; default 16 777 216 (16 MiB). Comments and
   * unknown fields inside count. Beyond it `push` throws `SseEventTooLargeError` and the decoder stays failed.
   */
  maxEventBytes?: number;
}

export interface SseDecoder {
  /** Takes the next network chunk, cut anywhere. Keeps no reference to `bytes`. */
  push(bytes: Uint8Array): void;
  /** Ends the stream: discards an unterminated event, as the specification demands. `push` then begins a new stream. */
  end(): void;
  /** The id that a reconnecting consumer sends as `Last-Event-ID`; `''` when there was none. */
  readonly lastEventId: string;
}

/** Default of `maxEventBytes`: 16 MiB. */
export const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** An event grew beyond `maxEventBytes`. */
export class SseEventTooLargeError extends Error {
  override readonly name = 'SseEventTooLargeError';
  readonly code = 'ERR_SSE_EVENT_TOO_LARGE';

  constructor(readonly maxEventBytes: number) {
    super(`Cannot decode event stream: an event is larger than ${maxEventBytes} bytes`);
  }
}

const LF = 10;
const SPACE = 32;
const COLON = 58;

/**
 * Decodes an event stream (Server-Sent Events) as the WHATWG specification says, from bytes cut anywhere.
 *
 * Work is linear in the bytes pushed, whatever the chunking. Memory is bounded by `maxEventBytes`. Does not reconnect, does
 * not check a content type and does not read the payload.
 *
 * @throws TypeError or RangeError when an option is missing, of the wrong type, out of range or unknown.
 *
 * @example
 * ```ts
 * import { createSseDecoder } from '@magi/stream-protocol/sse';
 * const decoder = createSseDecoder({ onEvent: ({ data }) => console.log(data) });
 * decoder.push(new TextEncoder().encode('data: hello\n\n')); // hello
 * decoder.end();
 * ```
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createSseDecoder(options: SseDecoderOptions): SseDecoder {
  const settings = checked(options);
  let stream = createStream(settings, '');
  return {
    push: (bytes) => push(stream, bytes),
    end: () => {
      stream = createStream(settings, stream.lastEventId);
    },
    get lastEventId() {
      return stream.lastEventId;
    },
  };
}

type Stream = ReturnType<typeof createStream>;

/**
 * The state of one stream: a literal, read by functions, and handlers called by `call`. With closures, methods or plain calls,
 * engines tie the compiled code to this stream or its handlers and drop it when they are collected: the next stream would then
 * begin up to four times slower.
 */
function createStream(
  { onEvent, onComment, onRetry, maxEventBytes = DEFAULT_MAX_EVENT_BYTES }: SseDecoderOptions,
  lastEventId: string,
) {
  return {
    onEvent,
    onComment,
    onRetry,
    maxEventBytes,
    utf8: createUtf8Stream(),
    atStart: true,
    afterCr: false,
    /** The line that the chunks so far have not ended. */
    line: '',
    /** Bytes of the current event in earlier chunks. */
    earlierBytes: 0,
    failed: false,
    data: undefined as string | undefined,
    event: 'message',
    lastEventName: 'message',
    idBuffer: lastEventId,
    lastEventId,
  };
}

function push(stream: Stream, bytes: Uint8Array): void {
  if (stream.failed) throw new SseEventTooLargeError(stream.maxEventBytes);
  const text = decodeUtf8(stream.utf8, bytes);
  const length = text.length;
  if (length === 0) return;
  const ascii = length === bytes.length;

  let position = 0;
  if (stream.atStart) {
    // The decoder leaves the byte order mark in place: exactly one is dropped, and only here.
    if (text.charCodeAt(0) === 0xfeff) position = 1;
    stream.atStart = false;
  }
  if (stream.afterCr && position < length) {
    if (text.charCodeAt(position) === LF) position++;
    stream.afterCr = false;
  }
  let eventStart = 0;
  // Where the next LF and CR are; `length`: nowhere. Each is searched again only when passed, so the scan is linear.
  let lf = find(text, '\n', position);
  let cr = find(text, '\r', position);
  // Most events fit by far: only those that could be too large are measured.
  const mayExceed = stream.earlierBytes + bytes.length > stream.maxEventBytes;

  while (true) {
    let end = Math.min(lf, cr);
    if (end === length) break;

    let data = stream.data;
    let isBlank = false;
    if (stream.line !== '') {
      stream.line += text.slice(position, end);
      processLine(stream, stream.line, 0, stream.line.length);
      stream.line = '';
    } else if (end === position) {
      isBlank = true;
    } else if (
      data === undefined &&
      end === lf &&
      text.charCodeAt(end + 1) === LF &&
      startsWithData(text, position)
    ) {
      // One `data` line and the blank line after it: the form of nearly every event.
      data = text.slice(valueStart(text, position + 5, end), end);
      end = lf = end + 1;
      isBlank = true;
    } else {
      processLine(stream, text, position, end);
    }
    if (isBlank) {
      if (mayExceed) checkSize(stream, text, eventStart, end, ascii);
      stream.earlierBytes = 0;
      eventStart = end + 1;
      dispatch(stream, data);
    }

    position = end + 1;
    if (end === cr) {
      if (position === length) stream.afterCr = true;
      else if (text.charCodeAt(position) === LF) position++;
      cr = find(text, '\r', position);
    }
    if (lf < position) lf = find(text, '\n', position);
  }

  if (position < length) stream.line += position === 0 ? text : text.slice(position);
  if (mayExceed) checkSize(stream, text, eventStart, length, ascii);
  if (eventStart === 0) stream.earlierBytes += bytes.length;
  else stream.earlierBytes = ascii ? length - eventStart : utf8Length(text, eventStart, length);
}

/** Interprets `text` from `start` to `end` as one line that is not blank. */
function processLine(stream: Stream, text: string, start: number, end: number): void {
  const first = text.charCodeAt(start);
  if (first === COLON) {
    stream.onComment?.call(undefined, text.slice(valueStart(text, start + 1, end), end));
    return;
  }
  if (startsWithData(text, start)) {
    appendData(stream, text.slice(valueStart(text, start + 5, end), end));
    return;
  }
  const field = text.slice(start, end);
  const colon = field.indexOf(':');
  const value = colon === -1 ? '' : field.slice(valueStart(field, colon + 1, field.length));
  switch (colon === -1 ? field : field.slice(0, colon)) {
    case 'data':
      appendData(stream, value);
      return;
    case 'event':
      // Names repeat: the comparison saves a copy for each event.
      if (value !== stream.lastEventName) stream.lastEventName = flatten(value || 'message');
      stream.event = stream.lastEventName;
      return;
    case 'id':
      if (!value.includes('\0')) stream.idBuffer = flatten(value);
      return;
    case 'retry':
      if (/^[0-9]+$/.test(value)) stream.onRetry?.call(undefined, Number(value));
      return;
    default: // "The field is ignored."
  }
}

function appendData(stream: Stream, value: string): void {
  stream.data = stream.data === undefined ? value : `${stream.data}\n${value}`;
}

function dispatch(stream: Stream, data: string | undefined): void {
  // "Set the last event ID string of the event source to the value of the last event ID buffer", data or no data.
  const id = stream.idBuffer;
  const event = stream.event;
  stream.lastEventId = id;
  stream.data = undefined;
  stream.event = 'message';
  if (data !== undefined) stream.onEvent.call(undefined, { data, event, id });
}

/** Throws when the event that has `earlierBytes` behind it and `text` from `start` to `end` is too large. */
function checkSize(stream: Stream, text: string, start: number, end: number, ascii: boolean): void {
  const bytes = stream.earlierBytes + (ascii ? end - start : utf8Length(text, start, end));
  if (bytes <= stream.maxEventBytes) return;
  stream.failed = true;
  stream.line = '';
  stream.data = undefined;
  throw new SseEventTooLargeError(stream.maxEventBytes);
}

function find(text: string, terminator: string, from: number): number {
  const index = text.indexOf(terminator, from);
  return index === -1 ? text.length : index;
}

function startsWithData(text: string, start: number): boolean {
  return (
    text.charCodeAt(start) === 100 && // d
    text.charCodeAt(start + 1) === 97 && // a
    text.charCodeAt(start + 2) === 116 && // t
    text.charCodeAt(start + 3) === 97 && // a
    text.charCodeAt(start + 4) === COLON
  );
}

/** "If value starts with a U+0020 SPACE character, remove it from value." */
function valueStart(text: string, start: number, end: number): number {
  return start < end && text.charCodeAt(start) === SPACE ? start + 1 : start;
}

/** Copies a slice of a chunk's text: engines let a slice keep its whole chunk in memory. */
function flatten(text: string): string {
  return ` ${text}`.slice(1);
}

const optionNames = new Set(['onEvent', 'onComment', 'onRetry', 'maxEventBytes']);

function checked(options: SseDecoderOptions): SseDecoderOptions {
  for (const name of Object.keys(options)) {
    if (!optionNames.has(name)) throw new TypeError(`Unknown option "${name}" for the SSE decoder`);
  }
  if (typeof options.onEvent !== 'function') throw new TypeError('"onEvent" must be a function');
  const { maxEventBytes } = options;
  if (maxEventBytes !== undefined && !(Number.isSafeInteger(maxEventBytes) && maxEventBytes > 0)) {
    throw new RangeError('"maxEventBytes" must be a positive integer number of bytes');
  }
  return { ...options };
}
