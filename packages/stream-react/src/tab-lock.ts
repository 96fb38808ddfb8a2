/** Says that one tab at a time may run something, and tells the others when it is done. */
export interface TabLock {
  /** Waits until no other tab holds the lock, then runs `task`. Resolves to `undefined`, without running it, when `signal` aborts. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
  /** Runs `task` unless another tab holds the lock; then resolves to `undefined`. */
  tryRun<T>(task: () => Promise<T>): Promise<T | undefined>;
  /** Tells the other tabs that something was stored. */
  announce(): void;
  /** Listens for the announcements of other tabs. Returns the function that ends it. */
  listen(listener: () => void): () => void;
}

/** Runs everything and tells nobody: for one tab, and for platforms without Web Locks. */
export const noTabLock: TabLock = {
  run: (task) => task(),
  tryRun: (task) => task(),
  announce: () => {},
  listen: () => () => {},
};

/**
 * A lock on `name` among the tabs of one origin. Within the tab that holds it, further tasks start at once.
 *
 * @see https://w3c.github.io/web-locks/#api-lock-manager-request
 */
export function createTabLock(name: string): TabLock {
  const locks = globalThis.navigator?.locks;
  if (!locks) return noTabLock;
  let tasks = 0;
  let release: (() => void) | undefined;
  let channel: BroadcastChannel | undefined;

  async function whileHeld<T>(task: () => Promise<T>): Promise<T> {
    tasks += 1;
    try {
      return await task();
    } finally {
      tasks -= 1;
      if (tasks === 0) {
        release?.();
        release = undefined;
      }
    }
  }

  function hold<T>(task: () => Promise<T>, options: LockOptions): Promise<T | undefined> {
    if (release) return whileHeld(task);
    return new Promise((resolve, reject) => {
      const request = locks.request(name, options, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((done) => {
          release = done;
          whileHeld(task).then(resolve, reject);
        });
      });
      request.catch((error: unknown) => {
        if (options.signal?.aborted) resolve(undefined);
        else reject(error);
      });
    });
  }

  return {
    run: (task, signal) => hold(task, { signal }),
    tryRun: (task) => hold(task, { ifAvailable: true }),
    announce() {
      if (channel) channel.postMessage('stored');
      else if (typeof BroadcastChannel !== 'undefined') {
        const once = new BroadcastChannel(name);
        once.postMessage('stored');
        once.close();
      }
    },
    listen(listener) {
      if (typeof BroadcastChannel === 'undefined') return () => {};
      // One channel for both directions: a channel does not hear itself.
      const opened = new BroadcastChannel(name);
      opened.onmessage = listener;
      channel = opened;
      return () => {
        opened.close();
        channel = undefined;
      };
    },
  };
}
