import type { Clock } from '../clock';

/** A clock for tests: time passes only when told, and callbacks run in the order of their times. */
export interface FakeClock extends Clock {
  /** Runs what falls due until `time`, then sets the clock to it. */
  advanceTo(time: number): void;
  /** When the next callback falls due; `Infinity` when there is none. */
  readonly nextAt: number;
}

export function createFakeClock(): FakeClock {
  let time = 0;
  const timers = new Map<object, { at: number; callback: () => void }>();
  const earliest = () =>
    [...timers].reduce<[object, { at: number; callback: () => void }] | undefined>(
      (first, timer) => (first === undefined || timer[1].at < first[1].at ? timer : first),
      undefined,
    );
  return {
    now: () => time,
    setTimeout(callback, delayMs) {
      const handle = {};
      timers.set(handle, { at: time + delayMs, callback });
      return handle;
    },
    clearTimeout(handle) {
      timers.delete(handle as object);
    },
    get nextAt() {
      return earliest()?.[1].at ?? Number.POSITIVE_INFINITY;
    },
    advanceTo(target) {
      for (
        let timer = earliest();
        timer !== undefined && timer[1].at <= target;
        timer = earliest()
      ) {
        timers.delete(timer[0]);
        time = Math.max(time, timer[1].at);
        timer[1].callback();
      }
      time = Math.max(time, target);
    },
  };
}
