import type { AgentEvent, RunFinishedEvent, TextMessageChunkEvent } from '@magi/stream-protocol';
import { RunError } from './errors';
import type { EventBatch } from './event-reader';
import { createRunSource, type Transport } from './run-source';
import { createRunStats } from './run-stats';
import type { AgentRun, RunOptions, RunReference, RunResult } from './run-types';
import { createWaitLimit } from './wait-limit';

/** Starts a run: by POST of `body`, or by attaching to the run that `reference` names when there is no body. */
export function createAgentRun(
  transport: Transport,
  reference: RunReference,
  body: string | undefined,
  { signal, onPhase = () => {} }: RunOptions,
): AgentRun {
  const { clock, timeouts } = transport;
  const { threadId, runId } = reference;
  let { lastEventId = '' } = reference;
  const stats = createRunStats();
  const startedAtMs = clock.now();
  const elapsedMs = () => clock.now() - startedAtMs;
  const source = createRunSource(transport, reference, body, stats, elapsedMs, onPhase);
  const total = createWaitLimit(clock, true);
  const firstEvent = createWaitLimit(clock, true);
  let batch: EventBatch = { events: [], ids: [] };
  let index = 0;
  let filling: Promise<void> | undefined;
  let ended = false;
  let iterated = false;
  let delivered = false;
  let text: string | undefined;
  let textId = '';
  /** Messages that are not the assistant's. */
  const otherTexts = new Set<string>();

  let settle: (result: RunResult | Promise<never>) => void;
  const result = new Promise<RunResult>((resolve) => {
    settle = resolve;
  });
  result.catch(() => {}); // whoever iterates learns the failure there

  function end(outcome: () => RunResult | Promise<never>): void {
    if (ended) return;
    ended = true;
    stats.endMs = elapsedMs();
    source.close();
    total.end();
    firstEvent.end();
    signal?.removeEventListener('abort', onAbort);
    onPhase('ended');
    settle(outcome());
  }
  const fail = (error: unknown) => end(() => Promise.reject(error));
  const finish = ({ outcome, usage = [], result }: Partial<RunFinishedEvent>) =>
    end(() => {
      const interrupts = outcome?.type === 'interrupt' ? outcome.interrupts : [];
      const cancelled = outcome?.type === 'cancelled';
      return {
        outcome: cancelled ? 'cancelled' : interrupts.length ? 'interrupted' : 'finished',
        threadId,
        runId,
        interrupts,
        usage,
        result,
      };
    });
  const onAbort = () => fail(signal?.reason);

  /** Gets the next batch, once for all who wait. Never rejects: a failure ends the run. */
  function fill(): Promise<void> {
    filling ??= source.read().then((read) => {
      firstEvent.end();
      filling = undefined;
      batch = read;
      index = 0;
    }, fail);
    return filling;
  }

  /** Takes the next event out of the batch, and the run to its end when it is the last. */
  function take(): AgentEvent | undefined {
    const event = ended ? undefined : batch.events[index];
    if (!event) return undefined;
    lastEventId = batch.ids[index++] ?? lastEventId;
    delivered = true;
    switch (event.type) {
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CHUNK': {
        const {
          messageId = textId,
          role,
          delta = '',
          subagentRunId,
        } = event as TextMessageChunkEvent;
        textId = messageId;
        if (role && role !== 'assistant') otherTexts.add(messageId);
        if (text !== undefined && !subagentRunId && !otherTexts.has(messageId)) text += delta;
        break;
      }
      case 'RUN_FINISHED':
        finish(event);
        break;
      case 'RUN_ERROR':
        fail(
          new RunError(event.message, {
            runCode: event.code,
            retryable: event.metadata?.retryable === true,
          }),
        );
    }
    return event;
  }

  function next(): Promise<IteratorResult<AgentEvent, undefined>> {
    const value = take();
    if (value) return Promise.resolve({ done: false, value });
    return ended ? result.then(() => ({ done: true, value })) : fill().then(next);
  }

  /** Reads on behalf of `text()` and `result`, until somebody iterates. */
  async function drain(): Promise<void> {
    while (!ended && !iterated) if (!take()) await fill();
  }

  async function cancel(): Promise<void> {
    if (ended) return;
    finish({ outcome: { type: 'cancelled' } });
    await source.cancel();
  }

  total.start('total', timeouts.totalMs, fail);
  if (body !== undefined) firstEvent.start('first-event', timeouts.firstEventMs, fail);
  if (signal?.aborted) onAbort();
  else {
    signal?.addEventListener('abort', onAbort);
    void fill();
  }

  return {
    threadId,
    runId,
    get lastEventId() {
      return lastEventId;
    },
    get result() {
      void drain();
      return result;
    },
    stats,
    async text() {
      if (delivered) throw new TypeError('Cannot collect text: events were read');
      text ??= '';
      void drain();
      await result;
      return text;
    },
    cancel,
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('Cannot iterate a run twice');
      iterated = true;
      return {
        next,
        async return() {
          void cancel();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
