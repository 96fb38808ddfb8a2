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
  isBehind(): boolean;
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
      return new Promise((resolve, reject) => {
        let items = 0;
        const fail = (error: unknown): void => {
          iterator = undefined;
          reject(error);
        };
        // The same two callbacks for every step: to await each one costs more than to take it.
        const pull = (): void => {
          try {
            if (closed) resolve();
            else Promise.resolve(running.next()).then(onStep, fail);
          } catch (error) {
            fail(error);
          }
        };
        const onStep = (step: IteratorResult<RunItem>): void => {
          try {
            if (closed) resolve();
            else if (step.done) {
              iterator = undefined;
              resolve();
            } else if (!taker.take(step.value)) resolve();
            else if (taker.isBehind()) taker.catchUp().then(pull, fail);
            else if (++items % ITEMS_PER_TURN === 0) setImmediate(pull);
            else pull();
          } catch (error) {
            fail(error);
          }
        };
        pull();
      });
    },
    close: () => {
      closed = true;
      return leave();
    },
  };
}
