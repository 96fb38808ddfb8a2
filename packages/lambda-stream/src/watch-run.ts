import type { AgentEvent } from '@magi/stream-protocol';
import type { ObserveRun, RunInfo, RunObserver, RunStats } from './run-observer';

/** All observers of one run as one that never throws. */
export interface RunWatch {
  wrap(start: () => Promise<void>): Promise<void>;
  onEvent(event: AgentEvent): void;
  onEnd(stats: RunStats, error: unknown): Promise<unknown>;
}

export function watchRun(
  observe: readonly ObserveRun[],
  info: RunInfo,
  report: (error: unknown, code: string) => void,
): RunWatch {
  const fail = (error: unknown): void => report(error, 'ERR_OBSERVER');
  /** An async function passes for one that returns nothing: what it rejects with must not end the process. */
  const guard = <T>(call: () => T, rejected = fail): T | undefined => {
    try {
      const result = call();
      if (result instanceof Promise) result.catch(rejected);
      return result;
    } catch (error) {
      fail(error);
      return undefined;
    }
  };
  const observers: RunObserver[] = [];
  for (const make of observe) {
    const observer = guard(() => make(info));
    if (observer !== undefined) observers.push(observer);
  }
  return {
    wrap: (start) => {
      let started: Promise<void> | undefined;
      const once = (): Promise<void> => {
        started ??= start();
        return started;
      };
      const wrapped = observers.reduce(
        (inner: () => Promise<void>, observer) => () => observer.wrap?.(inner) ?? inner(),
        once,
      );
      // What the run rejects with is reported as the run's own failure.
      guard(wrapped, () => {});
      return once();
    },
    onEvent: (event) => {
      for (const observer of observers) guard(() => observer.onEvent?.(event));
    },
    onEnd: (stats, error) =>
      Promise.all(
        observers.map(async (observer) => {
          try {
            await observer.onEnd?.(stats, error);
          } catch (failure) {
            report(failure, 'ERR_OBSERVER');
          }
        }),
      ),
  };
}
