/** What the tabs tell each other: something was stored, or the user has cleared the conversation. */
export type TabNews = 'stored' | 'cleared';

/** Says that one tab at a time may run something, and tells the others when it is done. */
export interface TabLock {
  /** Waits until no other tab holds the lock, then runs `task`. Resolves to `undefined`, without running it, when `signal` aborts. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined>;
  /** Runs `task` unless another tab holds the lock or waits for it; then resolves to `undefined`. */
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

/** One time that this tab has the lock: it ends with the last of its tasks. */
interface Hold {
  tasks: number;
  end(): void;
}

async function within<T>(hold: Hold, task: () => Promise<T>): Promise<T> {
  hold.tasks += 1;
  try {
    return await task();
  } finally {
    hold.tasks -= 1;
    if (hold.tasks === 0) hold.end();
  }
}

/**
 * A lock for `key` among the tabs of one origin. Tasks of one tab start in the order they were asked for, and at once in the tab that
 * holds the lock. No order is guaranteed over tabs: a tab goes on with what it is asked meanwhile before the next gets the lock.
 *
 * Where the browser refuses locks, to documents without an origin for example, it is no lock: like `noTabLock` from the first refusal on.
 *
 * @see https://w3c.github.io/web-locks/#api-lock-manager-request
 */
export function createTabLock(key: string): TabLock {
  const locks = globalThis.navigator?.locks;
  if (!locks) return noTabLock;
  // Browsers refuse a name that begins with "-".
  const name = `magi-stream ${key}`;
  /** What starts when this tab gets the lock, in this order. */
  const waiting = new Set<(hold: Hold) => void>();
  let held: Hold | undefined;
  /** While a request of this tab is in the queue: one stands for all that wait. */
  let queued: AbortController | undefined;
  let channel: BroadcastChannel | undefined;
  let isRefused = false;

  function begin(hold: Hold): void {
    held = hold;
    const starts = [...waiting];
    waiting.clear();
    for (const start of starts) start(hold);
  }

  function request(options: LockOptions, onTaken = () => {}): void {
    let isAnswered = false;
    const granted = locks.request(name, options, (lock) => {
      isAnswered = true;
      if (options.signal === queued?.signal) queued = undefined;
      if (!lock) return onTaken();
      if (waiting.size === 0) return undefined;
      return new Promise<void>((done) => {
        const hold = {
          tasks: 0,
          end() {
            if (held === hold) held = undefined;
            done();
          },
        };
        begin(hold);
      });
    });
    granted.catch(() => {
      // A lock that another script has stolen ends the guard, not the task.
      if (isAnswered || options.signal?.aborted) return;
      isRefused = true;
      begin({ tasks: 1, end() {} }); // never ends
    });
  }

  function queue(): void {
    if (queued) return;
    queued = new AbortController();
    request({ signal: queued.signal });
  }

  function enter<T>(
    task: () => Promise<T>,
    ask: (giveUp: () => void) => void,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    if (held) return within(held, task);
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (waiting.delete(start)) resolve(undefined);
      };
      const start = (hold: Hold) => {
        signal?.removeEventListener('abort', giveUp);
        within(hold, task).then(resolve, reject);
      };
      waiting.add(start);
      signal?.addEventListener('abort', giveUp);
      ask(giveUp);
    });
  }

  /** The tab that clears has asked for the lock: what is asked for from here on comes after it, and is not cleared. */
  function giveWay(tell: () => void): void {
    held = undefined;
    queued?.abort();
    queued = undefined;
    tell();
    if (waiting.size) queue();
  }

  return {
    run: (task, signal) => enter(task, queue, signal),
    tryRun: (task) => enter(task, (giveUp) => request({ ifAvailable: true }, giveUp)),
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
      opened.onmessage = ({ data }) => {
        if (isRefused) return;
        if (data === 'cleared') giveWay(() => listener(data));
        else listener(data);
      };
      channel = opened;
      return () => {
        opened.close();
        channel = undefined;
      };
    },
  };
}
