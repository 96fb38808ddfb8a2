/** What {@link encodeSseEvent} writes. */
export interface SseEventInput {
  /** The payload. Line breaks inside (LF, CR, CRLF) start a new `data` line and arrive as LF. */
  data: string;
  /** Event type. Absent: the consumer dispatches `message`. CR, LF and NUL are refused. */
  event?: string;
  /** Becomes the consumer's last event ID; `''` resets it. CR, LF and NUL are refused. */
  id?: string;
  /** Reconnection time in milliseconds: a non-negative safe integer. */
  retry?: number;
}

const lineBreak = /\r\n|\r|\n/;

/** Throws on what would end the line early: a caller's value must never become a field of its own. */
function singleLine(name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError(`Cannot encode event: "${name}" must be a string`);
  }
  if (/[\r\n\0]/.test(value)) {
    throw new TypeError(`Cannot encode event: "${name}" must not contain CR, LF or NUL`);
  }
  return value;
}

/**
 * Encodes one event of an event stream, its blank line included, with LF line ends.
 *
 * Does not keep CR or CRLF inside `data`: the format has no way to say them, so they arrive as LF.
 *
 * @throws TypeError when a field would break the framing: CR, LF or NUL in `event` or `id`, `data` that is not a
 * string, `retry` that is not a non-negative safe integer.
 *
 * @example
 * ```ts
 * import { encodeSseEvent } from '@magi/stream-protocol/sse';
 * encodeSseEvent({ data: '{"type":"RUN_STARTED"}', id: '1' }); // 'id: 1\ndata: {"type":"RUN_STARTED"}\n\n'
 * ```
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function encodeSseEvent({ data, event, id, retry }: SseEventInput): string {
  if (typeof data !== 'string') throw new TypeError('Cannot encode event: "data" must be a string');
  let fields = '';
  if (event !== undefined) fields = `event: ${singleLine('event', event)}\n`;
  if (id !== undefined) fields += `id: ${singleLine('id', id)}\n`;
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw new TypeError('Cannot encode event: "retry" must be a non-negative safe integer');
    }
    fields += `retry: ${retry}\n`;
  }
  const lines = lineBreak.test(data) ? data.split(lineBreak).join('\ndata: ') : data;
  return `${fields}data: ${lines}\n\n`;
}

/**
 * Encodes a comment, which consumers ignore: the keep-alive of an event stream. A line break starts another comment
 * line. Ends with a blank line, so it belongs between events, never inside one.
 *
 * @throws TypeError when `text` is not a string.
 *
 * @example
 * ```ts
 * import { encodeSseComment } from '@magi/stream-protocol/sse';
 * encodeSseComment('keep-alive'); // ': keep-alive\n\n'
 * ```
 */
export function encodeSseComment(text: string): string {
  if (typeof text !== 'string') throw new TypeError('Cannot encode comment: it must be a string');
  return `: ${text.split(lineBreak).join('\n: ')}\n\n`;
}
