import type { AgentEvent, RunFinishedEvent } from '@magi/stream-protocol';
import { RunError, TimeoutError } from './errors';
import type { EventBatch } from './event-reader';
import { createRunSource, type Transport } from './run-source';
import type { AgentRun, RunOptions, RunReference, RunResult } from './run-types';
import { shareFlight } from './share-flight';

const NOTHING: EventBatch = { events: [], ids: [] };

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
  let batch = NOTHING;
  let index = 0;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let iterated = false;
  let delivered = false;
  let text: string | undefined;
  /** Messages that are not the assistant's. */
  const otherTexts = new Set<string>();
  let textId = '';
  const source = createRunSource(transport, { runId, lastEventId, body }, onPhase);
  const { stats } = source;

  let resolveResult: (result: RunResult) => void;
  let rejectResult: (error: unknown) => void;
  const result = new Promise<RunResult>((resolve, reject) => {
    resolveResult = resolve;
    rejectResult = reject;
  });
  result.catch(() => undefined); // whoever iterates learns the failure there

  function end(): boolean {
    if (ended) return false;
    ended = true;
    batch = NOTHING;
    index = 0;
    stats.endMs = source.elapsedMs();
    clock.clearTimeout(totalTimer);
    signal?.removeEventListener('abort', onAbort);
    onPhase('ended');
    return true;
  }
  function fail(error: unknown): void {
    if (!end()) return;
    failure = { error };
    source.stop(error);
    rejectResult(error);
  }
  function finish(event?: RunFinishedEvent): void {
    if (!end()) return;
    const outcome = event?.outcome;
    const interrupts = outcome?.type === 'interrupt' ? outcome.interrupts : [];
    resolveResult({
      outcome:
        !event || outcome?.type === 'cancelled'
          ? 'cancelled'
          : interrupts.length
            ? 'interrupted'
            : 'finished',
      threadId,
      runId,
      interrupts,
      usage: event?.usage ?? [],
      ...(event?.result === undefined ? {} : { result: event.result }),
    });
  }
  const onAbort = () => fail(signal?.reason);

  /** Gets the next batch. Never rejects: a failure ends the run. */
  const fill = shareFlight(() =>
    source.batches.next().then(({ value }) => {
      if (ended || !value) return;
      batch = value;
      index = 0;
    }, fail),
  );

  /** Takes the next event out of the batch, and the run to its end when it is the last. */
  function take(event: AgentEvent): AgentEvent {
    lastEventId = batch.ids[index++] ?? lastEventId;
    delivered = true;
    switch (event.type) {
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CHUNK':
        textId = event.messageId ?? textId;
        if ('role' in event && event.role && event.role !== 'assistant') otherTexts.add(textId);
        if (text === undefined || event.subagentRunId || otherTexts.has(textId)) break;
        if ('delta' in event && event.delta) text += event.delta;
        break;
      case 'RUN_FINISHED':
        finish(event);
        break;
      case 'RUN_ERROR':
        fail(new RunError(event.message, event.code, event.metadata?.retryable === true));
    }
    return event;
  }

  async function pull(): Promise<IteratorResult<AgentEvent, undefined>> {
    for (;;) {
      const event = batch.events[index];
      if (event) return { done: false, value: take(event) };
      if (ended) break;
      await fill();
    }
    if (!failure) return { done: true, value: undefined };
    const { error } = failure;
    failure = undefined;
    throw error;
  }

  /** Reads on behalf of `text()` and `result`, until somebody iterates. */
  async function drain(): Promise<void> {
    while (!ended && !iterated) {
      const event = batch.events[index];
      if (event) take(event);
      else await fill();
    }
  }

  async function cancel(): Promise<void> {
    if (ended) return;
    finish();
    source.stop(undefined);
    await source.cancel();
  }

  const totalTimer =
    timeouts.totalMs < Infinity
      ? clock.setTimeout(() => fail(new TimeoutError('total', timeouts.totalMs)), timeouts.totalMs)
      : undefined;
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
      if (delivered)
        throw new TypeError('Cannot collect the text: events were read before text() was called');
      text ??= '';
      void drain();
      await result;
      return text;
    },
    cancel,
    [Symbol.asyncIterator]() {
      if (iterated) throw new TypeError('Cannot iterate the run: it was iterated before');
      iterated = true;
      return {
        next() {
          const event = batch.events[index];
          return event ? Promise.resolve({ done: false, value: take(event) }) : pull();
        },
        return() {
          void cancel();
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}
