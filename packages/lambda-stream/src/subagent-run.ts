import type {
  AgentEvent,
  Metadata,
  ResumeEntry,
  RunErrorEvent,
  TextMessageContentEvent,
} from '@magi/stream-protocol';
import { checkAgentEvent, createRunLifecycle, customEvent } from '@magi/stream-protocol';
import type { AgentResult } from './agent-result';
import { AgentStreamError } from './agent-stream-error';
import type { Clock } from './clock';
import { MAX_TIMER_MS } from './clock';
import { isNextDelta, isPlainDelta } from './next-delta';
import { toRunError } from './run-failure';
import type { RunItem } from './run-request';
import { createRunResult } from './run-result';
import { copyEvent } from './subagent-event-copy';
import { createSubagentEvents } from './subagent-events';
import { createSubagentRunId, type OwnResume } from './subagent-resume';
import { createSubagentText } from './subagent-text';
import { within } from './within';

/** How long a stopped source may take to clean up before it is left behind. Milliseconds; no more than the engine's patience. */
const CLOSE_MS = 1_000;

/**
 * One agent to run: what it yields, or a function that starts it, is told when to stop and gets the answers to what the agent
 * had asked, under the ids that it gave. Without answers `resume` is empty: the agent is asked for the first time.
 */
export type AgentSource =
  | AsyncIterable<RunItem>
  | ((
      signal: AbortSignal,
      resume: ResumeEntry[],
    ) => AsyncIterable<RunItem> | Promise<AsyncIterable<RunItem>>);

export interface SubagentSettings {
  readonly perAgentTimeoutMs: number;
  readonly maxBufferedEvents: number;
  readonly maxTextChars: number;
  readonly clock: Clock;
  readonly parentSubagentRunId: string | undefined;
  readonly parentToolCallId: string | undefined;
  /** Never throws, nor rejects. */
  report(error: unknown, name: string): void;
}

/** One agent on its way: it runs ahead of its reader by a bounded number of events. */
export interface SubagentRun {
  /** Begins to pull from the source. */
  start(): void;
  /** The next event that waits, if any. */
  shift(): AgentEvent | undefined;
  /** Present once it ended; events may still wait. */
  result(): AgentResult | undefined;
  /** Stops it, unless it ended, without another event. Resolves when the source has cleaned up or its time is over. */
  stop(reason: unknown): Promise<unknown>;
}

/** Runs one agent as a subagent: whatever goes wrong with it ends in SUBAGENT_ERROR, never in a throw. */
export function createSubagentRun(
  name: string,
  source: AgentSource,
  settings: SubagentSettings,
  onEvent: () => void,
  own?: OwnResume,
): SubagentRun {
  const { clock, maxBufferedEvents, maxTextChars, perAgentTimeoutMs, report } = settings;
  const { parentSubagentRunId, parentToolCallId } = settings;
  const { subagentRunId = createSubagentRunId(name), entries = [] } = own ?? {};
  // What goes on under its id still says something new.
  const textPrefix = createSubagentRunId('text');
  const events = createSubagentEvents(subagentRunId);
  const lifecycle = createRunLifecycle();
  const summary = createRunResult();
  const said = createSubagentText(subagentRunId, maxTextChars);
  const controller = new AbortController();
  const queue: AgentEvent[] = [];
  let iterator: AsyncIterator<RunItem> | undefined;
  let result: AgentResult | undefined;
  let stopped = false;
  let closed: Promise<unknown> = Promise.resolve();
  let timer: unknown;
  let makeRoom: (() => void) | undefined;
  let isEmpty = true;
  let textId: string | undefined;
  let texts = 0;
  let previous: TextMessageContentEvent | undefined;

  function emit(event: AgentEvent): void {
    queue.push(event);
    onEvent();
  }

  function say(event: AgentEvent): void {
    lifecycle.accept(event);
    emit(event);
  }

  function takeString(delta: string): void {
    // As in a run of its own, where it says nothing.
    if (delta === '') return;
    if (textId === undefined) {
      textId = `${textPrefix}-${++texts}`;
      takeEvent({ type: 'TEXT_MESSAGE_START', messageId: textId, role: 'assistant' });
    }
    takeEvent({ type: 'TEXT_MESSAGE_CONTENT', messageId: textId, delta });
  }

  function take(item: RunItem): void {
    if (typeof item === 'string') {
      previous = undefined;
      takeString(item);
      return;
    }
    if (isNextDelta(previous, item)) {
      const own = events.attribute(item);
      emit(own);
      said.take(own);
      return;
    }
    const event = checkAgentEvent(item);
    if (event === undefined) throw new TypeError(`Unknown event type "${item.type}"`);
    if (textId !== undefined) {
      takeEvent({ type: 'TEXT_MESSAGE_END', messageId: textId });
      textId = undefined;
    }
    takeEvent(event);
    previous = isPlainDelta(event) ? { ...event } : undefined;
  }

  function takeEvent(event: AgentEvent): void {
    switch (event.type) {
      case 'RUN_STARTED':
      // It would replace the whole conversation, which is not this agent's to replace.
      case 'MESSAGES_SNAPSHOT':
        return;
      case 'RUN_FINISHED':
        isEmpty = false;
        // What its caller gets as `result` is what it gave.
        summary.absorb({ ...copyEvent(event), result: event.result });
        return;
      case 'RUN_ERROR':
        fail(new Error('The agent sent RUN_ERROR'), event);
        return;
      default: {
        isEmpty = false;
        const own = events.attribute(event);
        say(own);
        said.take(own);
      }
    }
  }

  async function pump(): Promise<void> {
    const iterable = await (typeof source === 'function'
      ? source(controller.signal, entries)
      : source);
    const running = iterable[Symbol.asyncIterator]();
    iterator = running;
    if (isOver()) return leave();
    for (;;) {
      const step = await running.next();
      if (isOver()) return;
      if (step.done) break;
      try {
        take(step.value);
      } catch (cause) {
        throw new AgentStreamError('The agent sent an invalid event', {
          code: 'INVALID_EVENT',
          cause,
        });
      }
      if (!isOver() && queue.length >= maxBufferedEvents) {
        await new Promise<void>((resolve) => {
          makeRoom = resolve;
        });
      }
      if (isOver()) return;
    }
    iterator = undefined;
    finish();
  }

  function isOver(): boolean {
    return result !== undefined || stopped;
  }

  function finish(): void {
    const { outcome, result: value } = summary.ending();
    if (isEmpty) throw new AgentStreamError('The agent gave no answer', { code: 'EMPTY_RUN' });
    if (outcome?.type === 'cancelled') {
      throw new AgentStreamError('The agent was cancelled', { code: 'CANCELLED' });
    }
    closeOpen();
    const interrupts =
      outcome?.type === 'interrupt' ? outcome.interrupts.map(events.attributeInterrupt) : [];
    const finished: AgentEvent = {
      type: 'SUBAGENT_FINISHED',
      subagentRunId,
      ...(value === undefined ? {} : { result: value }),
      ...(interrupts.length === 0
        ? {}
        : { outcome: { type: 'suspended', interruptIds: interrupts.map(({ id }) => id) } }),
      ...usageMetadata(),
    };
    emit(copyEvent(finished));
    settle({
      status: interrupts.length === 0 ? 'finished' : 'suspended',
      interrupts,
      ...(value === undefined ? {} : { result: value }),
    });
  }

  function fail(cause: unknown, { message, code, usage }: RunErrorEvent = toRunError(cause)): void {
    if (isOver()) return;
    summary.addUsage(usage);
    closeOpen();
    const error = { message, ...(code === undefined ? {} : { code }) };
    const reason = code === TIMED_OUT ? 'timeout' : 'failed';
    emit({ ...customEvent('magi.degraded', { reason, agent: name }), subagentRunId });
    emit({ type: 'SUBAGENT_ERROR', subagentRunId, ...error, ...usageMetadata() });
    settle({ status: 'failed', interrupts: [], error });
    report(cause, name);
    close(cause);
  }

  /** Ends what the agent left open, all but the subagent itself, whose end says how it went. */
  function closeOpen(): void {
    for (const event of lifecycle.closeOpen()) {
      if (event.type !== 'SUBAGENT_ERROR' || event.subagentRunId !== subagentRunId) emit(event);
    }
  }

  /** AG-UI has no field for it, as it has for a whole run. */
  function usageMetadata(): { metadata?: Metadata } {
    const { usage } = summary.usage();
    return usage === undefined ? {} : { metadata: { usage } };
  }

  function settle(ending: Pick<AgentResult, 'status' | 'interrupts' | 'error' | 'result'>): void {
    clock.clearTimeout(timer);
    const usage = summary.usage().usage ?? [];
    const text = said.text();
    result = { name, subagentRunId, text, truncated: said.truncated(), usage, ...ending };
    onEvent();
  }

  function close(reason: unknown): void {
    controller.abort(reason);
    const left = leave().catch((error: unknown) => report(error, name));
    closed = within(left, CLOSE_MS, clock);
  }

  async function leave(): Promise<void> {
    const left = iterator;
    iterator = undefined;
    makeRoom?.();
    await left?.return?.();
  }

  return {
    start() {
      lifecycle.accept({ type: 'RUN_STARTED', threadId: name, runId: subagentRunId });
      lifecycle.accept({ type: 'SUBAGENT_STARTED', subagentRunId, name });
      emit({
        type: 'SUBAGENT_STARTED',
        subagentRunId,
        name,
        ...(parentSubagentRunId === undefined ? {} : { parentSubagentRunId }),
        ...(parentToolCallId === undefined ? {} : { parentToolCallId }),
      });
      if (perAgentTimeoutMs <= MAX_TIMER_MS) {
        const late = () =>
          fail(
            new AgentStreamError('The agent took too long', { code: TIMED_OUT, retryable: true }),
          );
        timer = clock.setTimeout(late, perAgentTimeoutMs);
      }
      pump().catch(fail);
    },
    shift() {
      const event = queue.shift();
      if (queue.length < maxBufferedEvents) makeRoom?.();
      return event;
    },
    result: () => result,
    stop(reason) {
      if (!isOver()) {
        stopped = true;
        clock.clearTimeout(timer);
        queue.length = 0;
        close(reason);
      }
      return closed;
    },
  };
}

const TIMED_OUT = 'AGENT_TIMEOUT';
