import type { Clock } from '../clock';

const STEP_MS = 100;

/**
 * Time that passes in steps, so that a machine that freezes for seconds loses one step and not the whole of a limit: timers run
 * before the network is read, and would blame a server that answered long ago.
 */
export const steadyClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, delayMs) {
    const timer = {
      left: Math.ceil(delayMs / STEP_MS),
      handle: undefined as NodeJS.Timeout | undefined,
    };
    const step = () => {
      if (timer.left-- <= 1) callback();
      else timer.handle = setTimeout(step, STEP_MS);
    };
    timer.handle = setTimeout(step, Math.min(delayMs, STEP_MS));
    return timer;
  },
  clearTimeout(timer) {
    clearTimeout((timer as { handle?: NodeJS.Timeout } | undefined)?.handle);
  },
};
