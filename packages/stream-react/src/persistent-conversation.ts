import {
  type ChatMessage,
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type SerializedConversation,
} from '@magi/stream-client';
import { callPage } from './call-page';
import type { KeptItem } from './kept-item';
import { createLatestRead } from './latest-read';
import { fromStored } from './stored-conversation';
import { noTabLock, type TabLock, type TabNews } from './tab-lock';
import { createTurns, DROPPED } from './turns';
import { withUnsaved } from './unsaved-messages';

interface Keeping {
  readonly item: KeptItem;
  readonly saveIntervalMs: number;
  readonly lock: TabLock;
  onError(error: unknown): void;
}

const AT_REST: readonly string[] = ['idle', 'error', 'interrupted'];

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
  const reads = createLatestRead(item, onError);
  const turns = createTurns(lock, {
    onActive: watch,
    async prepare(isFirst) {
      // Other tabs may have stored their turns, and the announcement of it may come later than the lock.
      if (isFirst && lock !== noTabLock) load(false);
      while (reads.pending) await reads.pending;
    },
    // Who gets the lock next reads what was stored.
    finish: written,
  });
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  /** While a clear() waits for the tab that runs the thread: what is stored until then has been cleared. */
  let clearing = 0;
  let mayResume = false;
  let isWaiting = false;
  let endWatch: (() => void) | undefined;
  /** The snapshot that the conversation inside began with, and what is shown in its place: its run may go on in another tab. */
  let opening: Record<'from' | 'shown', ConversationSnapshot<TState>> | undefined;
  /** The stored text that the conversation here says too; `null` when it has to be read again in any case. */
  let known: string | undefined | null;
  let inner = createConversation(options);
  let unsubscribe = inner.subscribe(onChange);
  /** The messages that are as they were stored, or need not be. A message that changes is another object. */
  const settled = new WeakSet<ChatMessage>();
  settle(inner.export().messages);
  reads.begin((stored) => {
    if (first) known = stored;
    else adopt(stored, false);
  });

  function settle(messages: readonly ChatMessage[]): void {
    for (const message of messages) settled.add(message);
  }

  function adopt(text: string | undefined, isRunElsewhere: boolean): void {
    if (text === known || disposing.signal.aborted) return;
    known = isRunElsewhere ? null : text;
    try {
      const stored = text ? (JSON.parse(text) as SerializedConversation<TState>) : undefined;
      const own = inner.export();
      const unsaved = own.messages.filter((message) => !settled.has(message));
      const all = withUnsaved(stored, own, unsaved);
      const { conversation, shown, isCut } = fromStored(anew, all, isRunElsewhere);
      opening = { from: conversation.getSnapshot(), shown };
      unsubscribe();
      inner.dispose();
      inner = conversation;
      const unsavedIds = new Set(unsaved.map(({ id }) => id));
      settle(inner.export().messages.filter(({ id }) => !unsavedIds.has(id)));
      unsubscribe = inner.subscribe(onChange);
      notify();
      if (isRunElsewhere && isCut) takeOver();
    } catch (error) {
      onError(error); // not ours, or of another version: begin anew
    }
  }

  /** Shows what is stored: with `isRunElsewhere` as what another tab is still running. */
  function load(isRunElsewhere: boolean): void {
    if (!clearing) reads.begin((stored) => adopt(stored, isRunElsewhere));
  }

  /** Waits for the tab that runs the thread. If it has gone without ending its run, this one goes on with it, by GET. */
  function takeOver(): void {
    if (isWaiting) return;
    isWaiting = true;
    turns
      .ask(async () => (mayResume ? inner.resume() : DROPPED), disposing.signal)
      .catch(onError)
      .finally(() => {
        isWaiting = false;
      });
  }

  function notify(): void {
    for (const listener of [...listeners]) callPage(listener);
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
        settle(exported.messages);
        lock.announce('stored');
      },
    );
  }

  async function written(): Promise<void> {
    while (item.writing) await item.writing;
  }

  function forget(): void {
    reads.cancel();
    inner.clear();
  }

  function onNews(news: TabNews): void {
    if (news === 'cleared') {
      turns.drop();
      if (turns.isRunning) forget();
      else settle(inner.export().messages);
    }
    if (!turns.isRunning) {
      known = null;
      load(true);
    }
  }

  /** While somebody looks or something is asked: follow the other tabs, and store when the page is left. */
  function watch(): void {
    if ((listeners.size === 0 && !turns.isActive) || disposing.signal.aborted) {
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
      if (lock !== noTabLock && !turns.isRunning && !reads.pending) load(true);
    }
  }

  return {
    get threadId() {
      return inner.threadId;
    },
    getSnapshot() {
      const snapshot = inner.getSnapshot();
      return opening?.from === snapshot ? opening.shown : snapshot;
    },
    subscribe(listener) {
      listeners.add(listener);
      watch();
      return () => {
        listeners.delete(listener);
        watch();
      };
    },
    async send(message, sendOptions) {
      const policy = sendOptions?.policy ?? options.sendPolicy;
      const start = () => inner.send(message, sendOptions);
      if (policy === 'drop') return (await turns.tryAsk(start)) ?? DROPPED;
      if (policy === 'interrupt') turns.drop();
      return turns.ask(start);
    },
    regenerate(messageId, sendOptions) {
      // As in a conversation of one tab, it takes the place of what waits.
      turns.drop();
      return turns.ask(() => inner.regenerate(messageId, sendOptions));
    },
    respond: (interruptId, answer) => turns.ask(() => inner.respond(interruptId, answer)),
    async resume() {
      mayResume = true;
      const outcome = await turns.tryAsk(() => inner.resume());
      // The tab that runs the thread may be silent for long, and may be gone when it would speak.
      if (!outcome) onNews('stored');
      return outcome ?? DROPPED;
    },
    stop() {
      turns.drop();
      inner.stop();
    },
    clear() {
      turns.drop();
      forget();
      clearing += 1;
      // Once more when the tab that ran the thread meanwhile is done: it may have stored its turn before it was told.
      const again = async () => {
        clearing -= 1;
        save();
        await written();
      };
      lock.run(again).catch(onError);
      // In this order: what other tabs ask for when they are told comes after.
      lock.announce('cleared');
    },
    export: () => inner.export(),
    dispose() {
      turns.drop();
      disposing.abort();
      listeners.clear();
      watch();
      if (saveTimer !== undefined) save();
      unsubscribe();
      inner.dispose();
    },
  };
}
