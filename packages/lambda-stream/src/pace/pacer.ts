import type { AgentEvent } from '@magi/stream-protocol';
import type { DeltaEvent, HeldText, MessagePace } from './held-text';
import { appendDelta, holdText, joinDelta, takeAll, takeSegment } from './held-text';
import type { ResolvedPaceOptions } from './pace-options';
import { continuesGrapheme } from './text-boundary';

/** Decides what is delivered when. Holds no timer: its owner asks again at `dueAt`. */
export interface Pacer {
  /** Takes in the next event of the source. */
  push(event: AgentEvent): void;
  /** When `take` has something to give, in the clock's milliseconds; in the past: now; `Infinity`: nothing is held. */
  readonly dueAt: number;
  /** Returns what is due now, in order. */
  take(): AgentEvent[];
  /** Returns everything that is held, due or not, in order. */
  flush(): AgentEvent[];
}

interface HeldEvent {
  readonly kind: 'event';
  readonly event: AgentEvent;
}

/** Most entries held; beyond it everything is delivered at once. */
const MAX_HELD = 1024;
/** Most messages remembered. The oldest is forgotten, which may cost it one early segment. */
const MAX_MESSAGES = 512;

/** Reading the clock costs more than joining a delta, so that one reading serves a few deltas of a burst. */
const JOINED_PER_READING = 16;

const NEVER = Number.POSITIVE_INFINITY;
const OVERFULL = Number.NEGATIVE_INFINITY;

/** The push-style core of `pace`, for an owner that drives its own timers. */
export function createPacer(options: ResolvedPaceOptions): Pacer {
  const { clock, maxBufferedChars, maxIntervalMs } = options;
  const messages = new Map<string, MessagePace>();
  /** The subagents of open messages: deltas may leave their owner out. */
  const owners = new Map<string, string | undefined>();
  let queue: (HeldText | HeldEvent)[] = [];
  let latest: HeldText | undefined;
  let heldChars = 0;
  /** How many events in the queue wait behind text. */
  let waiting = 0;
  const pacer = { dueAt: NEVER, push, take, flush };
  let breaksGraphemes = false;
  let now = 0;
  let joinedSinceReading = 0;

  function push(event: AgentEvent): void {
    if (isDelta(event)) pushDelta(event);
    else pushEvent(event);
    if (heldChars > maxBufferedChars || queue.length > MAX_HELD) pacer.dueAt = OVERFULL;
  }

  function readClock(): void {
    now = clock.now();
    joinedSinceReading = 0;
    // A source that never lets a timer run must not keep what is due: a changed `dueAt` is looked at.
    if (now > pacer.dueAt && pacer.dueAt !== OVERFULL) pacer.dueAt = now;
  }

  function pushDelta(event: DeltaEvent): void {
    if (event.delta === '') return;
    const id = event.type === 'TOOL_CALL_ARGS' ? event.toolCallId : event.messageId;
    if (!breaksGraphemes && continuesGrapheme(event.delta)) breaksGraphemes = true;
    heldChars += event.delta.length;
    let held = latest;
    if (held?.id !== id || held.first.type !== event.type || held.sealed) {
      readClock();
      held = openText(event, id);
      latest = held;
    } else if (held.deltas > 0 && ++joinedSinceReading < JOINED_PER_READING) {
      appendDelta(held, event);
      return;
    } else {
      readClock();
    }
    joinDelta(held, event, now, options);
    if (waiting === 0 && held.dueAt < pacer.dueAt) pacer.dueAt = held.dueAt;
  }

  function openText(event: DeltaEvent, id: string): HeldText {
    const key = keyOf(event);
    let message = messages.get(key);
    if (message === undefined) {
      const owner = event.subagentRunId ?? owners.get(key);
      message = { notBefore: now, clumpAt: now, gapMs: undefined, open: undefined, owner };
      messages.set(key, message);
      if (messages.size > MAX_MESSAGES) forgetOldest();
    }
    if (message.open === undefined) {
      message.open = holdText(event, id, message);
      queue.push(message.open);
    }
    return message.open;
  }

  function forgetOldest(): void {
    for (const [key, { open }] of messages) {
      // What is held must stay in front of what the same message says next.
      if (open === undefined) {
        messages.delete(key);
        return;
      }
    }
  }

  function pushEvent(event: AgentEvent): void {
    const key = keyOf(event);
    readClock();
    let blocked = waiting > 0;
    for (const held of queue) {
      if (held.kind === 'event' || !mustFollow(event, held)) continue;
      blocked = true;
      held.sealed = true;
      held.message.open = undefined;
      // A citation or a trace step can wait for as long as its text does; the lifecycle goes on sooner.
      if (event.type !== 'CUSTOM') held.finishBy = Math.min(held.finishBy, now + maxIntervalMs);
      held.dueAt = held.message.notBefore;
      if (waiting === 0 && held.dueAt < pacer.dueAt) pacer.dueAt = held.dueAt;
    }
    queue.push({ kind: 'event', event });
    if (blocked) waiting++;
    else pacer.dueAt = Math.min(pacer.dueAt, now);
    if (event.type.endsWith('_END')) {
      messages.delete(key);
      owners.delete(key);
    } else if (event.type.endsWith('_START') && 'subagentRunId' in event) {
      if (owners.size === MAX_MESSAGES) owners.clear();
      owners.set(key, event.subagentRunId);
    }
  }

  function take(): AgentEvent[] {
    now = clock.now();
    if (now < pacer.dueAt) return [];
    const overfull = pacer.dueAt === OVERFULL;
    return sweep((held) =>
      overfull ? takeAll(held, now, false) : takeSegment(held, now, breaksGraphemes, options),
    );
  }

  function flush(): AgentEvent[] {
    return sweep((held) => takeAll(held, 0, true));
  }

  /** Goes through the queue once: text gives what it has, events follow when no text of theirs is left before them. */
  function sweep(takeFrom: (held: HeldText) => DeltaEvent | undefined): AgentEvent[] {
    const due: AgentEvent[] = [];
    const kept: typeof queue = [];
    waiting = 0;
    pacer.dueAt = NEVER;
    for (const held of queue) {
      if (held.kind === 'event') {
        if (
          waiting === 0 &&
          !kept.some((text) => text.kind === 'text' && mustFollow(held.event, text))
        ) {
          due.push(held.event);
        } else {
          waiting++;
          kept.push(held);
        }
        continue;
      }
      if (waiting === 0) {
        const segment = takeFrom(held);
        if (segment !== undefined) {
          due.push(segment);
          heldChars -= segment.delta.length;
        }
        if (held.text !== '' && held.dueAt < pacer.dueAt) pacer.dueAt = held.dueAt;
      }
      if (held.text !== '') kept.push(held);
      else close(held);
    }
    queue = kept;
    return due;
  }

  function close(held: HeldText): void {
    if (held.message.open === held) held.message.open = undefined;
    if (latest === held) latest = undefined;
  }

  return pacer;
}

/** Deltas that carry more than text are delivered as they are: joined, they would lose it. */
function isDelta(event: AgentEvent): event is DeltaEvent {
  return (
    (event.type === 'TEXT_MESSAGE_CONTENT' ||
      event.type === 'REASONING_MESSAGE_CONTENT' ||
      event.type === 'TOOL_CALL_ARGS') &&
    event.metadata === undefined &&
    event.rawEvent === undefined
  );
}

function idOf(event: AgentEvent): string | undefined {
  // By the type: an event may carry the id of the other kind as well, known or unknown.
  if (event.type.startsWith('TOOL_CALL')) return 'toolCallId' in event ? event.toolCallId : '';
  return 'messageId' in event ? event.messageId : undefined;
}

/** The same for all events of one message or tool call: `TEXT_MESSAGE_CONTENT`, `TEXT_MESSAGE_END`. */
function keyOf(event: AgentEvent): string {
  return event.type.replace(/_[A-Z]+$/, '') + idOf(event);
}

/** Whether `event` would make no sense before the held text: it is of the same message or owner, or about the whole run. */
function mustFollow(event: AgentEvent, held: HeldText): boolean {
  const { owner } = held.message;
  switch (event.type) {
    case 'RUN_STARTED':
    case 'RUN_FINISHED':
    case 'RUN_ERROR':
    case 'MESSAGES_SNAPSHOT':
      return true;
    case 'SUBAGENT_STARTED':
      return event.subagentRunId === owner || event.parentSubagentRunId === owner;
    default:
      // The owner may be left out on events that continue a message.
      return (
        event.subagentRunId === owner ||
        ('messageId' in event && event.messageId === held.id) ||
        ('parentMessageId' in event && event.parentMessageId === held.id) ||
        ('toolCallId' in event && event.toolCallId === held.id)
      );
  }
}
