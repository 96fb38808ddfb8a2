import type { AgentEvent, RunErrorEvent, TextMessageContentEvent } from '@magi/stream-protocol';
import {
  checkAgentEvent,
  createDowngrade,
  createRunLifecycle,
  PROTOCOL_VERSION,
} from '@magi/stream-protocol';
import type { Admitted } from './admit-request';
import { AgentStreamError } from './agent-stream-error';
import { createDeltaEncoder, encodeEvent } from './encode-event';
import type { EventWriter } from './event-writer';
import { given } from './given';
import { isNextDelta, isPlainDelta } from './next-delta';
import type { ResolvedPaceOptions } from './pace/pace-options';
import { createPacedDelivery } from './paced-delivery';
import type { RunStats } from './run-observer';
import type { RunItem } from './run-request';
import { createRunResult } from './run-result';
import type { WireFormat } from './wire-format';

/** What a source yields becomes the events of one run: checked, put in order, paced, encoded, written. */
export interface RunOutput {
  /** Sends RUN_STARTED. */
  start(): void;
  /**
   * Takes one item of the source. Returns its RUN_ERROR, which is not sent yet, when that is what it was.
   * Throws when the item is no event, or one that may not come now.
   */
  take(item: RunItem): RunErrorEvent | undefined;
  /** Closes what is open and sends RUN_FINISHED. Throws when the source gave nothing. */
  finish(): void;
  /** Delivers what was produced, then the RUN_ERROR. */
  fail(terminal: RunErrorEvent): void;
  /** Ends the pacer's timer. */
  stop(): void;
  /** What this part knows of the run. */
  stats(): Pick<
    RunStats,
    'firstEventMs' | 'firstTextMs' | 'textLength' | 'events' | 'outcome' | 'usage'
  >;
}

export interface RunOutputOptions {
  readonly run: Omit<Admitted<unknown, unknown>, 'input' | 'principal'>;
  readonly pace: false | ResolvedPaceOptions;
  readonly wireFormat: WireFormat | undefined;
  readonly writer: EventWriter;
  /** Milliseconds since the request was accepted. */
  elapsedMs(): number;
  /** Called with each event of the source before anything else happens to it. */
  onEvent(event: AgentEvent): void;
  /** Called with what went wrong between a `take` and the next. */
  onError(error: unknown): void;
}

export function createRunOutput({
  run,
  pace,
  wireFormat,
  writer,
  elapsedMs,
  onEvent,
  onError,
}: RunOutputOptions): RunOutput {
  const { threadId, runId, parentRunId, protocolVersion, body } = run;
  const lifecycle = createRunLifecycle();
  const downgrade = createDowngrade(protocolVersion);
  const encodeOwn = (event: AgentEvent): string => encodeEvent(downgrade(event));
  let encodeTheirs: ReturnType<WireFormat['createEncoder']> | undefined;
  const result = createRunResult();
  const paced =
    pace &&
    createPacedDelivery(pace, {
      deliver,
      isBehind: writer.isBehind,
      catchUp: writer.catchUp,
      fail: onError,
    });
  /** Frames of events that are with the pacer; it hands on the same objects, except for text that it joined. */
  const encoded = new WeakMap<AgentEvent, string>();
  let events = 0;
  let firstEventMs: number | undefined;
  let firstTextMs: number | undefined;
  let textLength = 0;
  let textId: string | undefined;
  let texts = 0;
  /** The last event, when it was a plain text delta that passed every check. */
  let lastDelta: TextMessageContentEvent | undefined;
  let encodeDelta: ReturnType<typeof createDeltaEncoder> | undefined;

  function deliver(event: AgentEvent): void {
    if (wireFormat) {
      encodeTheirs ??= wireFormat.createEncoder(body);
      writer.push(encodeTheirs(event));
    } else writer.push(encoded.get(event) ?? encodeOwn(event));
    events++;
  }

  function send(event: AgentEvent): void {
    lifecycle.accept(event);
    lastDelta = isPlainDelta(event) ? event : undefined;
    encodeDelta = undefined;
    if (!paced) {
      deliver(event);
      return;
    }
    // What cannot be encoded must be refused now, before anything that comes after it is taken in.
    if (lastDelta === undefined) {
      const text = encodeOwn(event);
      // Another format may go by the order of delivery, which is not this one.
      if (!wireFormat) encoded.set(event, text);
    }
    paced.push(event);
  }

  function sendNextDelta(event: TextMessageContentEvent): void {
    if (paced) {
      paced.push(event);
      return;
    }
    if (wireFormat) {
      deliver(event);
      return;
    }
    encodeDelta ??= createDeltaEncoder(event);
    writer.push(encodeDelta(event.delta));
    events++;
  }

  function note(event: AgentEvent): void {
    firstEventMs ??= elapsedMs();
    onEvent(event);
    if (event.type !== 'TEXT_MESSAGE_CONTENT' && event.type !== 'TEXT_MESSAGE_CHUNK') return;
    if (!event.delta) return;
    firstTextMs ??= elapsedMs();
    textLength += event.delta.length;
  }

  function noteAndSend(event: AgentEvent): void {
    note(event);
    if (isNextDelta(lastDelta, event)) sendNextDelta(event);
    else send(event);
  }

  function takeText(delta: string): void {
    // An empty delta says nothing, and clients before 1.0 refuse it.
    if (delta === '') return;
    if (textId === undefined) {
      textId = `${runId}-text-${++texts}`;
      noteAndSend({ type: 'TEXT_MESSAGE_START', messageId: textId, role: 'assistant' });
    }
    noteAndSend({ type: 'TEXT_MESSAGE_CONTENT', messageId: textId, delta });
  }

  function takeEvent(item: AgentEvent): RunErrorEvent | undefined {
    // A copy: a source may fill the same object again while this event waits or is compared with the next.
    const event = { ...checkAgentEvent(item) } as AgentEvent;
    if (event.type === undefined) throw new TypeError(`Unknown event type "${item.type}"`);
    if (textId !== undefined) {
      noteAndSend({ type: 'TEXT_MESSAGE_END', messageId: textId });
      textId = undefined;
    }
    // A whole run inside this one gives up its start and its end: this one has its own.
    switch (event.type) {
      case 'RUN_STARTED':
        note(event);
        return undefined;
      case 'RUN_FINISHED':
        note(event);
        result.absorb(event);
        return undefined;
      case 'RUN_ERROR':
        note(event);
        return event;
      default:
        noteAndSend(event);
        return undefined;
    }
  }

  return {
    start: () => {
      const event: AgentEvent = {
        type: 'RUN_STARTED',
        threadId,
        runId,
        ...given({ parentRunId }),
        protocolVersion: PROTOCOL_VERSION,
      };
      lifecycle.accept(event);
      deliver(event);
    },
    take: (item) => {
      if (typeof item === 'string') {
        takeText(item);
        return undefined;
      }
      if (isNextDelta(lastDelta, item)) {
        note(item);
        sendNextDelta(item);
        return undefined;
      }
      return takeEvent(item);
    },
    finish: () => {
      if (firstEventMs === undefined)
        throw new AgentStreamError('The agent gave no answer', { code: 'EMPTY_RUN' });
      if (paced) paced.flush();
      for (const event of lifecycle.closeOpen()) deliver(event);
      deliver({ type: 'RUN_FINISHED', threadId, runId, ...result.ending(), ...result.usage() });
    },
    fail: (terminal) => {
      try {
        if (paced) paced.flush();
        result.addUsage(terminal.usage);
        deliver({ ...terminal, ...result.usage() });
      } catch (error) {
        // What a source says of its own failure may be what cannot be encoded.
        const { type, message, code } = terminal;
        deliver({ type, message, ...given({ code }) });
        throw error;
      }
    },
    stop: () => {
      if (paced) paced.stop();
    },
    stats: () => ({
      ...given({ firstEventMs, firstTextMs, outcome: result.ending().outcome?.type }),
      textLength,
      events,
      usage: result.usage().usage ?? [],
    }),
  };
}
