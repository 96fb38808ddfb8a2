import {
  type ChatMessage,
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type RunOutcomeView,
  type SerializedConversation,
} from '@magi/stream-client';
import type { KeptItem } from './kept-item';
import { noTabLock, type TabLock, type TabNews } from './tab-lock';

interface Keeping {
  readonly item: KeptItem;
  readonly saveIntervalMs: number;
  readonly lock: TabLock;
  onError(error: unknown): void;
}

const DROPPED: RunOutcomeView = { status: 'dropped' };
const AT_REST: readonly string[] = ['idle', 'error', 'interrupted'];

/** What is shown while the run goes on in another tab: to the conversation here it is over, and what it says was cut. */
function stillStreaming<TState>(
  snapshot: ConversationSnapshot<TState>,
  stored: SerializedConversation<TState>,
): ConversationSnapshot<TState> {
  const messages = snapshot.messages.map((message, index): ChatMessage => {
    const isStreaming = stored.messages[index]?.state === 'streaming';
    return isStreaming ? { ...message, state: 'streaming' } : message;
  });
  return { ...snapshot, messages };
}

/**
 * A conversation that is stored while it changes and begins where it was left. The conversation inside is replaced when a
 * storage answers late or another tab has stored something newer; to its readers that is a change like any other.
 */
export function createPersistentConversation<TState>(
  options: ConversationOptions<TState>,
  { item, saveIntervalMs, lock, onError }: Keeping,
): Conversation<TState> {
  const { restore: first, ...anew } = options;
  const listeners = new Set<() => void>();
  const disposing = new AbortController();
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  let stopping = new AbortController();
  let running = 0;
  /** While a clear() waits for the tab that runs the thread: what is stored until then has been cleared. */
  let clearing = 0;
  let mayResume = false;
  let isWaiting = false;
  let endWatch: (() => void) | undefined;
  /** While a run goes on in another tab: the snapshot here, and what is shown in its place. */
  let elsewhere: Record<'from' | 'shown', ConversationSnapshot<TState>> | undefined;
  /** The stored text that the conversation here says too; `null` when it has to be read again in any case. */
  let known: string | undefined | null;
  let inner = createConversation(options);
  let unsubscribe = inner.subscribe(onChange);
  let loading: Promise<void> | undefined;
  /** Counts up with each load and each clear(): what an earlier load brings is out of date. */
  let generation = 0;
  load((stored) => {
    if (first) known = stored;
    else adopt(stored, false);
  });

  function adopt(stored: string | undefined, isRunElsewhere: boolean): void {
    if (stored === known || disposing.signal.aborted) return;
    known = isRunElsewhere ? null : stored;
    try {
      let next: Conversation<TState>;
      const restore = stored ? (JSON.parse(stored) as SerializedConversation<TState>) : undefined;
      if (restore && isRunElsewhere) {
        // A run that goes on in another tab is no run to resume here.
        const { run: _run, ...rest } = restore;
        next = createConversation({ ...anew, restore: rest });
        const from = next.getSnapshot();
        elsewhere = { from, shown: stillStreaming(from, restore) };
      } else {
        next = createConversation(restore ? { ...anew, restore } : anew);
      }
      unsubscribe();
      inner.dispose();
      inner = next;
      unsubscribe = inner.subscribe(onChange);
      notify();
      const isCut = restore?.messages.some(({ state }) => state === 'streaming');
      if (isRunElsewhere && (restore?.run || isCut)) takeOver();
    } catch (error) {
      onError(error); // not ours, or of another version: begin anew
    }
  }

  /** Reads what is stored: at once from a storage that answers at once, else when the promise is kept. */
  function load(take: (stored: string | undefined) => void): void {
    if (clearing) return;
    const mine = ++generation;
    const taken = (stored: string | null | undefined) => {
      if (mine !== generation) return;
      loading = undefined;
      take(stored ?? undefined);
    };
    loading = undefined;
    try {
      const stored = item.read();
      if (stored && typeof stored !== 'string') {
        loading = stored.then(taken, (error) => {
          if (mine === generation) loading = undefined;
          onError(error);
        });
      } else taken(stored);
    } catch (error) {
      onError(error);
    }
  }

  /** Shows what another tab has stored, as what that tab is still running. */
  function follow(): void {
    load((stored) => adopt(stored, true));
  }

  /** Waits for the tab that runs the thread. If it has gone without ending its run, this one goes on with it, by GET. */
  function takeOver(): void {
    if (isWaiting) return;
    isWaiting = true;
    const { signal } = stopping;
    const goOn = async () => (mayResume ? inner.resume() : DROPPED);
    lock
      .run(() => task(goOn, signal), disposing.signal)
      .catch(onError)
      .finally(() => {
        isWaiting = false;
      });
  }

  function notify(): void {
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        // A listener's failure is the page's: the others are told, and what changed is stored.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  function onChange(): void {
    notify();
    if (AT_REST.includes(inner.getSnapshot().status)) save();
    else saveTimer ??= setTimeout(save, saveIntervalMs);
  }

  function save(): void {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    const exported = inner.export();
    item.write(
      () => (exported.messages.length ? JSON.stringify(exported) : undefined),
      (text) => {
        known = text;
        lock.announce('stored');
      },
    );
  }

  function forget(): void {
    generation += 1;
    loading = undefined;
    inner.clear();
  }

  function onNews(news: TabNews): void {
    if (running === 0) {
      known = null;
      follow();
    } else if (news === 'cleared') forget();
  }

  /** While somebody looks or something runs: follow the other tabs, and store when the page is left. */
  function watch(): void {
    if ((listeners.size === 0 && running === 0) || disposing.signal.aborted) {
      endWatch?.();
      endWatch = undefined;
    } else if (!endWatch) {
      const endListening = lock.listen(onNews);
      const onHide = () => {
        if (saveTimer !== undefined) save();
      };
      globalThis.addEventListener?.('pagehide', onHide);
      endWatch = () => {
        endListening();
        globalThis.removeEventListener?.('pagehide', onHide);
      };
      // Other tabs may have stored something while nobody listened here.
      if (lock !== noTabLock && running === 0 && !loading) follow();
    }
  }

  async function task(
    start: () => Promise<RunOutcomeView>,
    signal: AbortSignal,
  ): Promise<RunOutcomeView> {
    running += 1;
    watch();
    try {
      // Other tabs may have stored their turns, and the announcement of it may come later than the lock.
      if (running === 1 && lock !== noTabLock) load((stored) => adopt(stored, false));
      // Another load may replace the one that is waited for.
      do await loading;
      while (loading);
      return signal.aborted ? DROPPED : await start();
    } finally {
      // Who gets the lock next reads what was stored.
      while (item.writing) await item.writing;
      running -= 1;
      watch();
    }
  }

  async function run(start: () => Promise<RunOutcomeView>): Promise<RunOutcomeView> {
    const { signal } = stopping;
    const attempt = () => task(start, signal);
    return (await lock.tryRun(attempt)) ?? (await lock.run(attempt, signal)) ?? DROPPED;
  }

  function dropWaiting(): void {
    stopping.abort();
    stopping = new AbortController();
  }

  return {
    get threadId() {
      return inner.threadId;
    },
    getSnapshot() {
      const snapshot = inner.getSnapshot();
      return elsewhere?.from === snapshot ? elsewhere.shown : snapshot;
    },
    subscribe(listener) {
      listeners.add(listener);
      watch();
      return () => {
        listeners.delete(listener);
        watch();
      };
    },
    send: (message, sendOptions) => run(() => inner.send(message, sendOptions)),
    regenerate: (messageId, sendOptions) => run(() => inner.regenerate(messageId, sendOptions)),
    respond: (interruptId, answer) => run(() => inner.respond(interruptId, answer)),
    async resume() {
      mayResume = true;
      const { signal } = stopping;
      const outcome = await lock.tryRun(() => task(() => inner.resume(), signal));
      // The tab that runs the thread may be silent for long, and may be gone when it would speak.
      if (!outcome) onNews('stored');
      return outcome ?? DROPPED;
    },
    stop() {
      dropWaiting();
      inner.stop();
    },
    clear() {
      dropWaiting();
      forget();
      lock.announce('cleared');
      clearing += 1;
      // Once more when the tab that ran the thread meanwhile is done: it may have stored its turn before it was told.
      const again = async () => {
        clearing -= 1;
        save();
        while (item.writing) await item.writing;
      };
      lock.run(again, new AbortController().signal).catch(onError);
    },
    export: () => inner.export(),
    dispose() {
      dropWaiting();
      disposing.abort();
      listeners.clear();
      watch();
      if (saveTimer !== undefined) save();
      unsubscribe();
      inner.dispose();
    },
  };
}
