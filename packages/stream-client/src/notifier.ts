import { type Clock, systemClock } from './clock';

const FRAME_MS = 16;
/** A hidden tab has no frames: then this timer notifies. Milliseconds. */
const FRAMELESS_MS = 100;
/** A backlog is worked on for so long before the page gets its turn. Milliseconds. */
const SLICE_MS = 12;
/** Events between two looks at the clock: a backlog has many, a frame of an answer as it is written few. */
const EVENTS_PER_LOOK = 32;

export interface Notifier {
  subscribe(listener: () => void): () => void;
  /** Something changed: listeners are told with the next frame. */
  schedule(): void;
  /** Tells the listeners now. */
  flush(): void;
  /** To be called after each event. In a backlog longer than a slice it lets frames, input and timers happen. */
  breathe(): Promise<void> | undefined;
  clear(): void;
}

/** Calls `publish`, then the listeners, at most once per frame; less often where a frame takes the page long to draw. */
export function createNotifier(clock: Clock, publish: () => void): Notifier {
  const listeners = new Set<() => void>();
  let scheduled = false;
  let timer: unknown;
  let frame = 0;
  let turnMs = clock.now();
  let eventCount = 0;
  let toldMs = 0;
  /** What the page took for the last frame with news: rendering, layout, paint. */
  let drawingMs = 0;

  function flush(): void {
    clock.clearTimeout(timer);
    if (frame) cancelAnimationFrame(frame);
    frame = 0;
    scheduled = false;
    toldMs = turnMs = clock.now();
    publish();
    clock.setTimeout(() => {
      drawingMs = clock.now() - toldMs;
    }, 0);
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
  /** A page that takes long to draw gets as much time for everything else, input first of all. */
  function onFrame(): void {
    if (clock.now() - toldMs < 2 * drawingMs) frame = requestAnimationFrame(onFrame);
    else flush();
  }
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    schedule() {
      if (scheduled) return;
      scheduled = true;
      const framed = clock === systemClock && typeof requestAnimationFrame === 'function';
      if (framed) frame = requestAnimationFrame(onFrame);
      timer = clock.setTimeout(flush, framed ? FRAMELESS_MS : FRAME_MS);
    },
    flush,
    breathe() {
      if (++eventCount % EVENTS_PER_LOOK || clock.now() - turnMs < SLICE_MS) return undefined;
      // Timers of a hidden tab come once a second, and nobody is looking.
      if (globalThis.document?.visibilityState === 'hidden') return undefined;
      return new Promise((resolve) => {
        clock.setTimeout(() => {
          turnMs = clock.now();
          resolve();
        }, 0);
      });
    },
    clear: () => listeners.clear(),
  };
}
