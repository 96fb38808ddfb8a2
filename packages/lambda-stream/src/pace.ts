import type { AgentEvent } from '@magi/stream-protocol';
import type { PaceOptions } from './pace/pace-options';
import { resolvePaceOptions } from './pace/pace-options';
import { createPacer } from './pace/pacer';

/**
 * Delivers the events of a run at a pace that is pleasant to read and cheap to carry.
 *
 * - Text deltas (answer, reasoning, tool arguments) that follow each other faster than `minIntervalMs` are joined. The first
 *   is never delayed, and nothing is delayed when the source is slower than that.
 * - Blocks (a guardrail's 50 characters, a whole paragraph) are spread out in segments every `minIntervalMs` to
 *   `maxIntervalMs` until the next block is expected, at most for `maxLagMs`. They are cut between words where one is
 *   near, in Japanese too, and never inside a grapheme cluster.
 * - Events keep their order, except that text of one message or subagent may be overtaken by events of another. An event
 *   waits only for the text before it: `CUSTOM` ones up to `maxLagMs`, all others up to `maxIntervalMs`.
 * - When the source ends or fails (an abort is a failure), everything held is delivered at once; a failure is rethrown then.
 *
 * The concatenated text is the same; the number of text events is not. Empty deltas are dropped. A delta with `metadata` or
 * `rawEvent` and the `*_CHUNK` events are delivered unchanged, in order. The source is read while the consumer waits, at most
 * one event ahead of it otherwise. Not guaranteed: a nested object that the source changes later, a state for example, may be
 * delivered changed; a grapheme cluster that the source itself breaks between two deltas
 * is rejoined only when the deltas come fast, when its first part is an emoji, or when the source broke one before.
 *
 * @throws {TypeError | RangeError} At once, when an option is unknown or out of bounds.
 *
 * @example
 * ```ts
 * import { pace } from '@magi/lambda-stream';
 *
 * for await (const event of pace(agent.run(), { minIntervalMs: 20 })) console.log(event);
 * ```
 * @see https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries
 * @public
 */
export function pace(
  source: AsyncIterable<AgentEvent>,
  options: PaceOptions = {},
): AsyncIterableIterator<AgentEvent> {
  const resolved = resolvePaceOptions(options);
  const { clock } = resolved;
  const pacer = createPacer(resolved);
  let iterator: AsyncIterator<AgentEvent> | undefined;
  let ready: AgentEvent[] = [];
  let nextReady = 0;
  const readers: Reader[] = [];
  let reading = false;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let timer: unknown;
  let timerAt = Number.POSITIVE_INFINITY;

  /** Serves whoever waits; reads on while somebody still does. */
  function advance(): void {
    while (readers.length > 0) {
      if (nextReady === ready.length) refill();
      const event = ready[nextReady];
      if (event !== undefined) {
        nextReady++;
        readers.shift()?.resolve({ done: false, value: event });
      } else if (ended) {
        const reader = readers.shift();
        if (failure === undefined) reader?.resolve({ done: true, value: undefined });
        else reader?.reject(failure.error);
        failure = undefined;
      } else {
        break;
      }
    }
    schedule(readers.length > 0 && !ended ? pacer.dueAt : Number.POSITIVE_INFINITY);
    if (readers.length > 0 && !reading && !ended) read();
  }

  function refill(): void {
    // While the timer is set for it, nothing is due: a burst costs no reading of the clock per event.
    const isDue = pacer.dueAt !== timerAt && pacer.dueAt <= clock.now();
    ready = ended ? pacer.flush() : isDue ? pacer.take() : [];
    nextReady = 0;
  }

  function schedule(at: number): void {
    if (at === timerAt) return;
    if (timer !== undefined) clock.clearTimeout(timer);
    timerAt = at;
    timer =
      at === Number.POSITIVE_INFINITY
        ? undefined
        : clock.setTimeout(onTimer, Math.max(0, at - clock.now()));
  }

  function onTimer(): void {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    advance();
  }

  function read(): void {
    reading = true;
    try {
      iterator ??= source[Symbol.asyncIterator]();
      iterator.next().then(onRead, onFailure);
    } catch (error) {
      onFailure(error);
    }
  }

  function onRead(result: IteratorResult<AgentEvent>): void {
    reading = false;
    try {
      if (result.done) ended = true;
      // A copy: the source may fill the same object again while this event waits.
      else if (!ended) pacer.push({ ...result.value });
    } catch (error) {
      // What is no event is the failure to tell of.
      leave().catch(() => undefined);
      onFailure(error);
      return;
    }
    advance();
  }

  async function leave(): Promise<void> {
    await iterator?.return?.();
  }

  function onFailure(error: unknown): void {
    reading = false;
    if (!ended) failure = { error };
    ended = true;
    advance();
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      return new Promise((resolve, reject) => {
        readers.push({ resolve, reject });
        advance();
      });
    },
    async return() {
      const wasRunning = !ended;
      ended = true;
      failure = undefined;
      ready = [];
      nextReady = 0;
      pacer.flush();
      advance();
      if (wasRunning) await leave();
      return { done: true, value: undefined };
    },
  };
}

interface Reader {
  resolve(result: IteratorResult<AgentEvent>): void;
  reject(error: unknown): void;
}
