import type { Clock } from '../clock';

export interface FakeClock extends Clock {
  /** Lets time pass, timer by timer, with whatever promises each one settles. */
  advance(ms: number): Promise<void>;
}

export function createFakeClock(startMs = 1_000_000): FakeClock {
  let nowMs = startMs;
  let serial = 0;
  const timers = new Map<number, { atMs: number; callback: () => void }>();
  // Several macrotasks: what a timer sets off may need more than one turn to come to rest.
  const settle = async () => {
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => nowMs,
    setTimeout(callback, delayMs) {
      timers.set(++serial, { atMs: nowMs + delayMs, callback });
      return serial;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const due = [...timers]
          .filter(([, { atMs }]) => atMs <= untilMs)
          .sort((a, b) => a[1].atMs - b[1].atMs)[0];
        if (!due) break;
        const [handle, { atMs, callback }] = due;
        timers.delete(handle);
        nowMs = Math.max(nowMs, atMs);
        callback();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}
