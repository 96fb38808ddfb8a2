import type { AgentEvent, RunOutcome } from '@magi/stream-protocol';
import { type AgentResult, skippedResult } from './agent-result';
import { systemClock } from './clock';
import type { MergeAgentsOptions } from './merge-agents-options';
import { checkAgentSource, checkMergeOptions, MERGE_DEFAULTS } from './merge-agents-options';
import { createRunResult } from './run-result';
import { resumeOf } from './subagent-resume';
import type { AgentSource } from './subagent-run';
import { createSubagentRun } from './subagent-run';

interface Reader<TResult> {
  resolve(step: IteratorResult<AgentEvent, TResult>): void;
  reject(reason: unknown): void;
}

/**
 * Runs named sources as subagents; `conclude` makes the generator's return value of their results.
 *
 * Not an async generator function: that could not be left while it waits for an agent that says nothing.
 */
export function runSubagents<TResult>(
  action: string,
  sources: readonly (readonly [name: string, source: AgentSource])[],
  options: MergeAgentsOptions,
  conclude: (results: AgentResult[]) => TResult,
): AsyncGenerator<AgentEvent, TResult, undefined> {
  checkMergeOptions(action, options);
  for (const [name, source] of sources) checkAgentSource(action, name, source);
  const { signal, clock = systemClock } = options;
  const settings = {
    clock,
    perAgentTimeoutMs: options.perAgentTimeoutMs ?? Number.POSITIVE_INFINITY,
    maxBufferedEvents: options.maxBufferedEvents ?? MERGE_DEFAULTS.maxBufferedEvents,
    maxTextChars: options.maxTextChars ?? MERGE_DEFAULTS.maxTextChars,
    parentSubagentRunId: options.parentSubagentRunId,
    parentToolCallId: options.parentToolCallId,
    report: async (error: unknown, name: string) => {
      try {
        await options.onAgentError?.(error, name);
      } catch {
        // A hook that fails must not hurt the run that it watches.
      }
    },
  };
  const { resume = [] } = options;
  const parts = sources.map(([name, source]) => {
    const own = resumeOf(name, resume);
    if (own !== undefined && typeof source !== 'function') {
      throw new TypeError(`${action}: "${name}" must be a function, to be told the answers`);
    }
    // What finished once is not paid for again.
    const skipped = own === undefined && resume.length > 0;
    const run = skipped ? undefined : createSubagentRun(name, source, settings, serve, own);
    return { name, run };
  });
  const runs = parts.flatMap(({ run }) => run ?? []);
  const ids = { threadId: crypto.randomUUID(), runId: crypto.randomUUID() };
  const readers: Reader<TResult>[] = [];
  let stage: 'idle' | 'running' | 'summarised' | 'closed' | 'over' = 'idle';
  let turn = 0;
  let failure: { reason: unknown } | undefined;

  function serve(): void {
    while (readers.length > 0) {
      const step = nextStep();
      if (step === undefined) return;
      readers.shift()?.resolve(step);
    }
  }

  function nextStep(): IteratorResult<AgentEvent, TResult> | undefined {
    if (stage === 'over') return { done: true, value: undefined as never };
    for (let tried = 0; tried < runs.length; tried++) {
      const event = runs[turn++ % runs.length]?.shift();
      if (event !== undefined) return { done: false, value: event };
    }
    const results = runs.flatMap((run) => run.result() ?? []);
    if (results.length < runs.length) return undefined;
    if (stage === 'running') {
      stage = 'summarised';
      void close();
      return { done: false, value: summary(results, ids) };
    }
    if (stage !== 'closed') return undefined;
    end();
    return {
      done: true,
      value: conclude(parts.map(({ name, run }) => run?.result() ?? skippedResult(name))),
    };
  }

  function begin(): IteratorResult<AgentEvent, TResult> {
    stage = 'running';
    signal?.addEventListener('abort', abort, { once: true });
    for (const run of runs) run.start();
    return { done: false, value: { type: 'RUN_STARTED', ...ids } };
  }

  /** What follows the agents begins once those that failed have cleaned up too. */
  async function close(): Promise<void> {
    await stop();
    if (stage !== 'summarised') return;
    stage = 'closed';
    serve();
  }

  function end(): void {
    stage = 'over';
    signal?.removeEventListener('abort', abort);
  }

  function abort(): void {
    end();
    const reason: unknown = signal?.reason;
    const stopped = stop(reason);
    const reader = readers.shift();
    if (reader === undefined) failure = { reason };
    // Where the process is frozen after the run, what is not cleaned up by then never is.
    else void stopped.then(() => reader.reject(reason));
    serve();
  }

  /** Resolves when all sources have cleaned up or their time is over. */
  async function stop(reason?: unknown): Promise<void> {
    await Promise.all(runs.map((run) => run.stop(reason)));
  }

  async function leave(): Promise<void> {
    if (stage !== 'over') {
      end();
      serve();
    }
    await stop(new DOMException('The reader has stopped reading', 'AbortError'));
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (stage === 'idle') {
        return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve(begin());
      }
      if (failure !== undefined) {
        const { reason } = failure;
        failure = undefined;
        return stop().then(() => Promise.reject(reason));
      }
      const step = readers.length === 0 ? nextStep() : undefined;
      if (step !== undefined) return Promise.resolve(step);
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    },
    async return(value) {
      await leave();
      return { done: true, value: (await value) as TResult };
    },
    async throw(error) {
      await leave();
      throw error;
    },
  };
}

/** What the engine absorbs: usage summed per (provider, model), and every question that is still open. */
function summary(
  results: readonly AgentResult[],
  ids: { threadId: string; runId: string },
): AgentEvent {
  const total = createRunResult();
  for (const { usage } of results) total.addUsage(usage);
  const interrupts = results.flatMap((result) => result.interrupts);
  const outcome: RunOutcome = { type: 'interrupt', interrupts };
  return {
    type: 'RUN_FINISHED',
    ...ids,
    ...total.usage(),
    ...(interrupts.length === 0 ? {} : { outcome }),
  };
}
