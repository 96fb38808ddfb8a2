import { createUtf8Decoder, utf8Length } from './utf8';

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
  return new Decoder(checked(options));
}

/** A class, because engines drop the compiled code of closures together with the decoder that they belong to. */
class Decoder implements SseDecoder {
  readonly #onEvent: SseDecoderOptions['onEvent'];
  readonly #onComment: SseDecoderOptions['onComment'];
  readonly #onRetry: SseDecoderOptions['onRetry'];
  readonly #maxEventBytes: number;

  #decode = createUtf8Decoder();
  #atStart = true;
  #afterCr = false;
  /** The line that the chunks so far have not ended. */
  #line = '';
  /** Bytes of the current event in earlier chunks. */
  #earlierBytes = 0;
  #failed = false;

  #data: string | undefined;
  #event = 'message';
  #lastEventName = 'message';
  #idBuffer = '';
  #lastEventId = '';

  constructor({ onEvent, onComment, onRetry, maxEventBytes }: SseDecoderOptions) {
    this.#onEvent = onEvent;
    this.#onComment = onComment;
    this.#onRetry = onRetry;
    this.#maxEventBytes = maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  #dispatch(): void {
    // "Set the last event ID string of the event source to the value of the last event ID buffer", data or no data.
    this.#lastEventId = this.#idBuffer;
    const dispatched = this.#data;
    const type = this.#event;
    this.#data = undefined;
    this.#event = 'message';
    if (dispatched !== undefined)
      this.#onEvent({ data: dispatched, event: type, id: this.#lastEventId });
  }

  #appendData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  /** Interprets `text` from `start` to `end` as one line that is not blank. */
  #processLine(text: string, start: number, end: number): void {
    const first = text.charCodeAt(start);
    if (first === COLON) {
      this.#onComment?.(text.slice(valueStart(text, start + 1, end), end));
      return;
    }
    if (startsWithData(text, start)) {
      this.#appendData(text.slice(valueStart(text, start + 5, end), end));
      return;
    }
    const field = text.slice(start, end);
    const colon = field.indexOf(':');
    const value = colon === -1 ? '' : field.slice(valueStart(field, colon + 1, field.length));
    switch (colon === -1 ? field : field.slice(0, colon)) {
      case 'data':
        this.#appendData(value);
        return;
      case 'event':
        // Names repeat: the comparison saves a copy for each event.
        if (value !== this.#lastEventName) this.#lastEventName = flatten(value || 'message');
        this.#event = this.#lastEventName;
        return;
      case 'id':
        if (!value.includes('\0')) this.#idBuffer = flatten(value);
        return;
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.#onRetry?.(Number(value));
        return;
      default: // "The field is ignored."
    }
  }

  /** Throws when the event that has `earlierBytes` behind it and `text` from `start` to `end` is too large. */
  #checkSize(text: string, start: number, end: number, ascii: boolean): void {
    const bytes = this.#earlierBytes + (ascii ? end - start : utf8Length(text, start, end));
    if (bytes <= this.#maxEventBytes) return;
    this.#failed = true;
    this.#line = '';
    this.#data = undefined;
    throw new SseEventTooLargeError(this.#maxEventBytes);
  }

  push(bytes: Uint8Array): void {
    if (this.#failed) throw new SseEventTooLargeError(this.#maxEventBytes);
    const text = this.#decode(bytes);
    const length = text.length;
    if (length === 0) return;
    const ascii = length === bytes.length;

    let position = 0;
    if (this.#atStart) {
      // The decoder leaves the byte order mark in place: exactly one is dropped, and only here.
      if (text.charCodeAt(0) === 0xfeff) position = 1;
      this.#atStart = false;
    }
    if (this.#afterCr && position < length) {
      if (text.charCodeAt(position) === LF) position++;
      this.#afterCr = false;
    }
    let eventStart = 0;
    // Where the next LF and CR are; `length`: nowhere. Each is searched again only when passed, so the scan is linear.
    let lf = find(text, '\n', position);
    let cr = find(text, '\r', position);
    // Most events fit by far: only those that could be too large are measured.
    const mayExceed = this.#earlierBytes + bytes.length > this.#maxEventBytes;

    while (true) {
      const end = Math.min(lf, cr);
      if (end === length) break;

      if (this.#line !== '') {
        this.#line += text.slice(position, end);
        this.#processLine(this.#line, 0, this.#line.length);
        this.#line = '';
      } else if (end > position) {
        if (
          this.#data === undefined &&
          end === lf &&
          text.charCodeAt(end + 1) === LF &&
          startsWithData(text, position)
        ) {
          // One `data` line and the blank line after it: the form of nearly every event.
          this.#data = text.slice(valueStart(text, position + 5, end), end);
          position = end + 1;
          lf = position;
          continue;
        }
        this.#processLine(text, position, end);
      } else {
        if (mayExceed) this.#checkSize(text, eventStart, end, ascii);
        this.#earlierBytes = 0;
        eventStart = end + 1;
        this.#dispatch();
      }

      position = end + 1;
      if (end === cr) {
        if (position === length) this.#afterCr = true;
        else if (text.charCodeAt(position) === LF) position++;
        cr = find(text, '\r', position);
      }
      if (lf < position) lf = find(text, '\n', position);
    }

    if (position < length) this.#line += position === 0 ? text : text.slice(position);
    if (mayExceed) this.#checkSize(text, eventStart, length, ascii);
    if (eventStart === 0) this.#earlierBytes += bytes.length;
    else this.#earlierBytes = ascii ? length - eventStart : utf8Length(text, eventStart, length);
  }

  end(): void {
    this.#decode = createUtf8Decoder();
    this.#atStart = true;
    this.#afterCr = false;
    this.#failed = false;
    this.#line = '';
    this.#earlierBytes = 0;
    this.#data = undefined;
    this.#event = 'message';
    this.#idBuffer = this.#lastEventId;
  }
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
  return options;
}
