/** What the tabs tell each other: something was stored, or the user has cleared the conversation. */
export type TabNews = 'stored' | 'cleared';

/** Says that one tab at a time may run something, and tells the others when it is done. */
export interface TabLock {
  /** Waits until no other tab holds the lock, then runs `task`. Resolves to `undefined`, without running it, when `signal` aborts. */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T | undefined>;
  /** Runs `task` unless another tab holds the lock; then resolves to `undefined`. */
  tryRun<T>(task: () => Promise<T>): Promise<T | undefined>;
  /** Tells the other tabs. */
  announce(news: TabNews): void;
  /** Listens for the announcements of other tabs. Returns the function that ends it. */
  listen(listener: (news: TabNews) => void): () => void;
}

/** Runs everything and tells nobody: for one tab, and for platforms without Web Locks. */
export const noTabLock: TabLock = {
  run: (task) => task(),
  tryRun: (task) => task(),
  announce: () => {},
  listen: () => () => {},
};

/**
 * A lock on `name` among the tabs of one origin. Within the tab that holds it, further tasks start at once. Where the browser refuses
 * locks, to documents without an origin for example, it is no lock: like `noTabLock` from the first refusal on.
 *
 * @see https://w3c.github.io/web-locks/#api-lock-manager-request
 */
export function createTabLock(name: string): TabLock {
  const locks = globalThis.navigator?.locks;
  if (!locks) return noTabLock;
  let tasks = 0;
  let release: (() => void) | undefined;
  let channel: BroadcastChannel | undefined;
  let isRefused = false;

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
    if (isRefused) return task();
    if (release) return whileHeld(task);
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const request = locks.request(name, options, (lock) => {
        isAnswered = true;
        if (!lock) return resolve(undefined);
        return new Promise<void>((done) => {
          release = done;
          whileHeld(task).then(resolve, reject);
        });
      });
      request.catch(() => {
        if (options.signal?.aborted) return resolve(undefined);
        // A lock that another script has stolen ends the guard, not the task.
        if (isAnswered) return;
        isRefused = true;
        task().then(resolve, reject);
      });
    });
  }

  return {
    run: (task, signal) => hold(task, { signal }),
    tryRun: (task) => hold(task, { ifAvailable: true }),
    announce(news) {
      if (isRefused) return;
      if (channel) channel.postMessage(news);
      else if (typeof BroadcastChannel !== 'undefined') {
        const once = new BroadcastChannel(name);
        once.postMessage(news);
        once.close();
      }
    },
    listen(listener) {
      if (typeof BroadcastChannel === 'undefined') return () => {};
      // One channel for both directions: a channel does not hear itself.
      const opened = new BroadcastChannel(name);
      opened.onmessage = ({ data }) => isRefused || listener(data);
      channel = opened;
      return () => {
        opened.close();
        channel = undefined;
      };
    },
  };
}
