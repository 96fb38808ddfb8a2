import { type Clock, systemClock } from './clock';

const FRAME_MS = 16;
/** A hidden tab has no frames: then this timer notifies. Milliseconds. */
const FRAMELESS_MS = 100;
/** Events of a backlog are applied for so long before the page gets its turn. Milliseconds. */
const SLICE_MS = 24;

export interface Notifier {
  subscribe(listener: () => void): () => void;
  /** Something changed: listeners are told with the next frame. */
  schedule(): void;
  /** Tells the listeners now. */
  flush(): void;
  /** In a backlog longer than a slice: notifies, and lets timers, input and painting happen. */
  breathe(): Promise<void> | undefined;
  clear(): void;
}

/** Calls `publish`, then the listeners, at most once per frame. */
export function createNotifier(clock: Clock, publish: () => void): Notifier {
  const listeners = new Set<() => void>();
  let sinceMs: number | undefined;
  let timer: unknown;
  let frame = 0;

  function flush(): void {
    clock.clearTimeout(timer);
    if (frame) cancelAnimationFrame(frame);
    frame = 0;
    sinceMs = undefined;
    publish();
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        // A listener's failure is the page's: the run it was told about goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    schedule() {
      if (sinceMs !== undefined) return;
      sinceMs = clock.now();
      const framed = clock === systemClock && typeof requestAnimationFrame === 'function';
      if (framed) frame = requestAnimationFrame(flush);
      timer = clock.setTimeout(flush, framed ? FRAMELESS_MS : FRAME_MS);
    },
    flush,
    breathe() {
      if (sinceMs === undefined || clock.now() - sinceMs < SLICE_MS) return undefined;
      flush();
      // Timers of a hidden tab come once a second, and nobody is looking.
      if (globalThis.document?.visibilityState === 'hidden') return undefined;
      return new Promise((resolve) => {
        clock.setTimeout(resolve, 0);
      });
    },
    clear: () => listeners.clear(),
  };
}
