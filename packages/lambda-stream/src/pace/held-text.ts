import type { AgentEventOf } from '@magi/stream-protocol';
import type { ResolvedPaceOptions } from './pace-options';
import { cutLength, isHighSurrogate, settledLength } from './text-boundary';

export type DeltaEvent = AgentEventOf<
  'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT' | 'TOOL_CALL_ARGS'
>;

/** What is remembered of one message between its deltas. Times are the clock's milliseconds. */
export interface MessagePace {
  /** When text of the message may be delivered again. */
  notBefore: number;
  /** When the current clump of deltas began: arrivals closer than `minIntervalMs` are one clump. */
  clumpAt: number;
  /** The usual time between clumps, once two were seen. */
  gapMs: number | undefined;
  /** The held text that the next delta joins. */
  open: HeldText | undefined;
  /** The subagent that the message is of. */
  readonly owner: string | undefined;
}

/** Text of one message that waits to be delivered. */
export interface HeldText {
  readonly kind: 'text';
  readonly id: string;
  readonly first: DeltaEvent;
  readonly message: MessagePace;
  text: string;
  /** Deltas that arrived since something was last delivered. */
  deltas: number;
  /** Whether `text` is the rest of a block that is being spread out. */
  spreading: boolean;
  newestAt: number;
  /** Which part of `text` (up to `end`; the last: all the rest) arrived when, as precisely as the lag bound needs. */
  arrivals: { at: number; end: number }[];
  /** The lifecycle waits behind this text: all of it is to be out by then. */
  finishBy: number;
  /** Until when an unfinished grapheme cluster at the end waits for its rest. */
  holdUntil: number;
  /** An event of the same owner waits behind this text: nothing joins its last character any more. */
  sealed: boolean;
  dueAt: number;
}

/** A delta of up to this many UTF-16 code units is a token, which is never split. */
const TOKEN_CHARS = 24;
/** The shortest segment that a block is cut into on purpose, in UTF-16 code units. */
const SEGMENT_CHARS = 2;
/** Time between blocks that is assumed until two were seen, in milliseconds. */
const FIRST_GAP_MS = 200;
/** Blocks come sooner and later than usual: a block is spread so that some of it is left when the next is a little late. */
const GAP_MARGIN = 1.2;
/** Timers fire late: what must be out by `maxLagMs` is to be out a little before. */
const LAG_SHARE = 0.95;

const NEVER = Number.POSITIVE_INFINITY;

export function holdText(first: DeltaEvent, id: string, message: MessagePace): HeldText {
  return {
    kind: 'text',
    id,
    first: { ...first },
    message,
    text: '',
    deltas: 0,
    spreading: false,
    newestAt: 0,
    arrivals: [],
    finishBy: NEVER,
    holdUntil: NEVER,
    sealed: false,
    dueAt: NEVER,
  };
}

/** Adds one delta to held text and learns from when it came. */
export function joinDelta(
  held: HeldText,
  event: DeltaEvent,
  now: number,
  options: ResolvedPaceOptions,
): void {
  noteArrival(held.message, now, options);
  const { arrivals } = held;
  const latest = arrivals[arrivals.length - 1];
  // A part keeps its oldest arrival, so that grouping never lengthens the lag.
  if (latest === undefined || now - latest.at >= options.minIntervalMs / 2) {
    if (latest !== undefined) latest.end = held.text.length;
    arrivals.push({ at: now, end: NEVER });
  }
  held.newestAt = now;
  held.holdUntil = NEVER;
  held.dueAt = held.message.notBefore;
  appendDelta(held, event);
}

/** Adds one more delta of the same moment. */
export function appendDelta(held: HeldText, event: DeltaEvent): void {
  held.text += event.delta;
  held.deltas++;
}

function noteArrival(message: MessagePace, now: number, options: ResolvedPaceOptions): void {
  const sinceClump = now - message.clumpAt;
  if (sinceClump < options.minIntervalMs) return;
  // A pause (a tool call, say) must not count for more than the longest wait that it can cause.
  const sample = Math.min(sinceClump, options.maxLagMs);
  const gap = message.gapMs ?? sample;
  // Follow a source that speeds up sooner than one that slows down: held text is worse than a pause.
  message.gapMs = gap + (sample - gap) * (sample < gap ? 0.75 : 0.5);
  message.clumpAt = now;
}

/**
 * Takes what is due now out of held text, as an event; `undefined` when it is nothing. Sets when to ask again.
 *
 * `cautious`: the source was seen to break grapheme clusters between deltas.
 */
export function takeSegment(
  held: HeldText,
  now: number,
  cautious: boolean,
  options: ResolvedPaceOptions,
): DeltaEvent | undefined {
  if (now < held.dueAt) return undefined;
  const { minIntervalMs, maxIntervalMs } = options;
  const lagMs = options.maxLagMs * LAG_SHARE;
  const { text, message } = held;
  const joined = held.deltas > 1;
  const segments = segmentsLeft(held, now, options);
  const spacingMs = clamp((finishAt(held, options) - now) / segments, minIntervalMs, maxIntervalMs);
  const settled = deliverable(held, now, cautious || joined || held.spreading);
  const length = Math.min(settled, segmentLength(held, segments, now + spacingMs - lagMs));
  if (length === settled) {
    // What is left, if anything, may be the beginning of a grapheme cluster: it waits until the next delta is overdue.
    // Half a surrogate pair is no text: it waits for its rest.
    const half = text.length - settled === 1 && isHighSurrogate(text, settled);
    const usualMs = message.gapMs ?? (joined ? minIntervalMs : lagMs);
    held.holdUntil = half ? NEVER : held.newestAt + clamp(usualMs * 1.5, minIntervalMs, lagMs);
    held.dueAt = Math.max(held.holdUntil, length === 0 ? now : now + minIntervalMs);
    held.spreading = false;
    if (length > 0) message.notBefore = now + minIntervalMs;
  } else {
    held.spreading = true;
    message.notBefore = now + spacingMs;
    held.dueAt = message.notBefore;
  }
  if (length > 0) return takeText(held, length);
  held.deltas = 0;
  return undefined;
}

/** Takes everything out of held text; unless `final`, all but an unfinished grapheme cluster. */
export function takeAll(held: HeldText, now: number, final: boolean): DeltaEvent | undefined {
  const length = final ? held.text.length : deliverable(held, now, true);
  if (!final) {
    held.holdUntil = NEVER;
    held.dueAt = NEVER;
  }
  return length === 0 ? undefined : takeText(held, length);
}

function takeText(held: HeldText, length: number): DeltaEvent {
  const { text } = held;
  const event = { ...held.first, delta: text.slice(0, length) };
  held.text = text.slice(length);
  held.deltas = 0;
  const { arrivals } = held;
  for (const arrival of arrivals) arrival.end -= length;
  while (arrivals[0] !== undefined && (arrivals[0].end <= 0 || held.text === '')) arrivals.shift();
  return event;
}

/** How much can be delivered without breaking a grapheme cluster. */
function deliverable(held: HeldText, now: number, cautious: boolean): number {
  const { text } = held;
  if (held.sealed) return text.length;
  if (now < held.holdUntil || held.holdUntil === NEVER) return settledLength(text, cautious);
  return isHighSurrogate(text, text.length - 1) ? text.length - 1 : text.length;
}

/** By when the held text is to be out: when the next block is expected, but never later than the lag allows. */
function finishAt(held: HeldText, options: ResolvedPaceOptions): number {
  const gapMs = (held.message.gapMs ?? FIRST_GAP_MS) * GAP_MARGIN;
  return Math.min(held.newestAt + Math.min(gapMs, options.maxLagMs * LAG_SHARE), held.finishBy);
}

/** How many segments the held text is to be delivered in: one, unless it is a block and there is time until the next. */
function segmentsLeft(held: HeldText, now: number, options: ResolvedPaceOptions): number {
  const { length } = held.text;
  const { gapMs } = held.message;
  const { minIntervalMs, maxIntervalMs } = options;
  const isBlock = held.spreading || length > TOKEN_CHARS;
  const arrivesInBlocks = gapMs === undefined ? held.deltas <= 1 : gapMs > maxIntervalMs;
  if (!isBlock || !arrivesInBlocks) return 1;
  const leftMs = finishAt(held, options) - now;
  const wanted = Math.ceil(leftMs / ((minIntervalMs + maxIntervalMs) / 2));
  return clamp(wanted, 1, Math.max(1, Math.floor(length / SEGMENT_CHARS)));
}

/** How long the next segment is: its share, but at least what would otherwise be older than the lag allows. */
function segmentLength(held: HeldText, segments: number, oldestAt: number): number {
  const { text, arrivals } = held;
  if (segments === 1) return text.length;
  let overdue = 1;
  for (const { at, end } of arrivals) if (at < oldestAt) overdue = Math.min(end, text.length);
  return cutLength(text, Math.max(Math.ceil(text.length / segments), overdue), overdue);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
