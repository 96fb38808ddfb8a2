import { vi } from 'vitest';

/** Waits until `check` does not throw: far longer than any machine needs, so that only a true failure takes that long. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 });
}
