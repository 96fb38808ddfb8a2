import type { RunItem } from './run-request';

/** Pulls from a run and can close it at any time, also while it is busy. */
export interface RunSource {
  /** Resolves when the run ended or was closed; rejects with what it threw. */
  pump(): Promise<void>;
  /** Nothing is taken any more. Resolves when the run has cleaned up, which may be never; rejects with what its `return()` threw. */
  close(): Promise<void>;
}

export interface RunTaker {
  /** Returns false when it wants no more. */
  take(item: RunItem): boolean;
  /** Whether to `catchUp` before pulling again. */
  readonly behind: boolean;
  catchUp(): Promise<void>;
}

/** After this many items in a row the event loop gets a turn, whatever the source does: timers and sockets need one. */
const ITEMS_PER_TURN = 512;

export function createRunSource(
  start: () => AsyncIterable<RunItem> | Promise<AsyncIterable<RunItem>>,
  taker: RunTaker,
): RunSource {
  let iterator: AsyncIterator<RunItem> | undefined;
  let closed = false;

  const leave = async (): Promise<void> => {
    const left = iterator;
    iterator = undefined;
    // On a busy async generator this waits for its current step: the abort signal is what cuts that short.
    await left?.return?.();
  };

  return {
    pump: async () => {
      const iterable = await start();
      if (typeof iterable?.[Symbol.asyncIterator] !== 'function') {
        throw new TypeError('A run must return an async iterable');
      }
      const running = iterable[Symbol.asyncIterator]();
      iterator = running;
      if (closed) return leave();
      try {
        for (let items = 1; ; items++) {
          const step = await running.next();
          if (closed) return;
          if (step.done) break;
          if (!taker.take(step.value)) return;
          if (taker.behind) await taker.catchUp();
          if (items % ITEMS_PER_TURN === 0) await new Promise(setImmediate);
          if (closed) return;
        }
      } catch (error) {
        iterator = undefined;
        throw error;
      }
      iterator = undefined;
    },
    close: () => {
      closed = true;
      return leave();
    },
  };
}
