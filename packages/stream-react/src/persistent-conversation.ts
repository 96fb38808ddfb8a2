import {
  type ChatMessage,
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type RunOutcomeView,
  type SerializedConversation,
} from '@magi/stream-client';
import type { KeyValueStorage } from './persistence';
import type { TabLock } from './tab-lock';

interface Keeping {
  readonly storage: KeyValueStorage;
  readonly key: string;
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
  { storage, key, saveIntervalMs, lock, onError }: Keeping,
): Conversation<TState> {
  const listeners = new Set<() => void>();
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  let stopping = new AbortController();
  let isOutdated = false;
  let running = 0;
  let isDisposed = false;
  let mayResume = false;
  let isWaiting = false;
  let endWatch: (() => void) | undefined;
  /** While a run goes on in another tab: the snapshot here, and what is shown in its place. */
  let elsewhere: Record<'from' | 'shown', ConversationSnapshot<TState>> | undefined;
  let inner = createConversation(options);
  let unsubscribe = inner.subscribe(onChange);
  let loading: Promise<void> | undefined;
  /** Counts up with each load and each clear(): what an earlier load brings is out of date. */
  let generation = 0;
  if (!options.restore) loading = load(false);

  function adopt(stored: string | undefined, isRunElsewhere: boolean): void {
    if (isDisposed) return;
    try {
      let next: Conversation<TState>;
      const restore = stored ? (JSON.parse(stored) as SerializedConversation<TState>) : undefined;
      if (restore && isRunElsewhere) {
        // A run that goes on in another tab is no run to resume here.
        const { run: _run, ...rest } = restore;
        next = createConversation({ ...options, restore: rest });
        const from = next.getSnapshot();
        elsewhere = { from, shown: stillStreaming(from, restore) };
      } else {
        next = createConversation(restore ? { ...options, restore } : options);
      }
      unsubscribe();
      inner.dispose();
      inner = next;
      unsubscribe = inner.subscribe(onChange);
      notify();
      if (isRunElsewhere && restore?.run) takeOver();
    } catch (error) {
      onError(error); // not ours, or of another version: begin anew
    }
  }

  /** Takes what is stored: at once from a storage that answers at once, else when the promise is kept. */
  function load(isRunElsewhere: boolean): Promise<void> | undefined {
    const wasOutdated = isOutdated;
    isOutdated = false;
    const mine = ++generation;
    const take = (stored: string | null | undefined) => {
      if (mine !== generation) return;
      loading = undefined;
      // Nothing stored is news only when something was stored before: another tab has cleared the conversation.
      if (stored || wasOutdated) adopt(stored ?? undefined, isRunElsewhere);
    };
    try {
      const stored = storage.getItem(key);
      if (stored && typeof stored !== 'string') {
        return stored.then(take, (error) => {
          if (mine === generation) loading = undefined;
          onError(error);
        });
      }
      return void take(stored);
    } catch (error) {
      return void onError(error);
    }
  }

  /** Waits for the tab that runs the thread. If it has gone without ending its run, this one goes on with it, by GET. */
  function takeOver(): void {
    if (isWaiting || !mayResume) return;
    isWaiting = true;
    const { signal } = stopping;
    const goOn = () => {
      isOutdated = true;
      return task(() => inner.resume(), signal);
    };
    lock
      .run(goOn, signal)
      .catch(onError)
      .finally(() => {
        isWaiting = false;
      });
  }

  function notify(): void {
    for (const listener of listeners) listener();
  }

  function onChange(): void {
    notify();
    if (AT_REST.includes(inner.getSnapshot().status)) save();
    else saveTimer ??= setTimeout(save, saveIntervalMs);
  }

  function save(): void {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    isOutdated = false;
    const exported = inner.export();
    const write = async () => {
      if (exported.messages.length === 0) await storage.removeItem(key);
      else await storage.setItem(key, JSON.stringify(exported));
      lock.announce();
    };
    write().catch(onError);
  }

  function onStoredElsewhere(): void {
    isOutdated = true;
    if (running === 0) loading = load(true);
  }

  /** While somebody looks: follow the other tabs, and store when the page is left. */
  function watch(): () => void {
    const endListening = lock.listen(onStoredElsewhere);
    const onHide = () => {
      if (saveTimer !== undefined) save();
    };
    globalThis.addEventListener?.('pagehide', onHide);
    return () => {
      endListening();
      globalThis.removeEventListener?.('pagehide', onHide);
    };
  }

  async function task(
    start: () => Promise<RunOutcomeView>,
    signal: AbortSignal,
  ): Promise<RunOutcomeView> {
    // Another tab may have stored its turn while this one waited for the lock.
    if (isOutdated && running === 0) loading = load(false);
    // Another announcement may replace the load that is waited for.
    do await loading;
    while (loading);
    if (signal.aborted) return DROPPED;
    running += 1;
    try {
      return await start();
    } finally {
      running -= 1;
    }
  }

  async function run(start: () => Promise<RunOutcomeView>): Promise<RunOutcomeView> {
    const { signal } = stopping;
    const afterOthers = () => {
      // Whoever held the lock has stored its turn, and the announcement of it may come later than the lock.
      isOutdated = true;
      return task(start, signal);
    };
    return (
      (await lock.tryRun(() => task(start, signal))) ??
      (await lock.run(afterOthers, signal)) ??
      DROPPED
    );
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
      endWatch ??= watch();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        endWatch?.();
        endWatch = undefined;
      };
    },
    send: (message, sendOptions) => run(() => inner.send(message, sendOptions)),
    regenerate: (messageId, sendOptions) => run(() => inner.regenerate(messageId, sendOptions)),
    respond: (interruptId, answer) => run(() => inner.respond(interruptId, answer)),
    async resume() {
      mayResume = true;
      const { signal } = stopping;
      return (await lock.tryRun(() => task(() => inner.resume(), signal))) ?? DROPPED;
    },
    stop() {
      dropWaiting();
      inner.stop();
    },
    clear() {
      dropWaiting();
      generation += 1;
      loading = undefined;
      inner.clear();
      save();
    },
    export: () => inner.export(),
    dispose() {
      isDisposed = true;
      dropWaiting();
      endWatch?.();
      endWatch = undefined;
      if (saveTimer !== undefined) save();
      unsubscribe();
      inner.dispose();
      listeners.clear();
    },
  };
}
