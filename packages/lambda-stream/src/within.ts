import type { Clock } from './clock';

/** Resolves to true when `promise` settles within `ms`, else to false. Never rejects; leaves no timer behind. */
export function within(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(false), Math.max(0, ms));
    const settle = (): void => {
      clock.clearTimeout(timer);
      resolve(true);
    };
    promise.then(settle, settle);
  });
}
