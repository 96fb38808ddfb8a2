import type { Emit } from './run-upstream';

/** How much of the end of an answer is kept for locating citations, in UTF-16 units. */
const TAIL_UNITS = 65_536;

/** Which agent an event belongs to: empty for the parent agent. */
export interface Attribution {
  readonly subagentRunId?: string;
}

/** A part of an answer: UTF-16 offsets, `end` exclusive. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** One text message that is written piece by piece. */
export interface TextMessage {
  readonly messageId: string;
  /** UTF-16 units so far. */
  length(): number;
  append(text: string, emit: Emit): void;
  /** Ends the message if it was started; nothing may be appended afterwards. */
  end(emit: Emit): void;
  /** Where a quoted part is. The service's own offset is the hint, since services count differently. */
  locate(
    text: string | undefined,
    start: number | undefined,
    end: number | undefined,
  ): TextSpan | undefined;
}

export function createTextMessage(messageId: string, attribution: Attribution = {}): TextMessage {
  let isOpen = false;
  let length = 0;
  // The whole answer is not kept: it may be as long as the model likes.
  let tail = '';
  return {
    messageId,
    length: () => length,
    append(text, emit) {
      if (text === '') return;
      if (!isOpen) {
        isOpen = true;
        emit({ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...attribution });
      }
      emit({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta: text, ...attribution });
      length += text.length;
      tail += text;
      if (tail.length > 2 * TAIL_UNITS) tail = tail.slice(-TAIL_UNITS);
    },
    end(emit) {
      if (!isOpen) return;
      isOpen = false;
      emit({ type: 'TEXT_MESSAGE_END', messageId, ...attribution });
    },
    locate(text, start, end) {
      if (text !== undefined && text !== '') {
        const tailStart = length - tail.length;
        const hint = Math.max(0, (start ?? 0) - tailStart);
        const at = nearest(tail, text, hint);
        if (at !== undefined) return { start: tailStart + at, end: tailStart + at + text.length };
        if (start !== undefined) return { start, end: start + text.length };
      }
      return start === undefined || end === undefined ? undefined : { start, end };
    },
  };
}

/** The occurrence of `text` that starts nearest to `hint`. */
function nearest(within: string, text: string, hint: number): number | undefined {
  const after = within.indexOf(text, hint);
  const before = within.lastIndexOf(text, hint);
  if (after === -1) return before === -1 ? undefined : before;
  if (before === -1) return after;
  return hint - before < after - hint ? before : after;
}
