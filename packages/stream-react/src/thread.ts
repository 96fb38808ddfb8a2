import {
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type SerializedConversation,
} from '@magi/stream-client';
import type { AgentStreamActions, OwnConversationOptions } from './agent-stream-types';
import { createLatestClient } from './latest-client';
import { splitOptions } from './split-options';
import { bindActions } from './stream-actions';
import type { ReadableStore } from './use-store-value';

/** A conversation together with what its components share: functions, server snapshot, lifetime. */
export interface Thread<TState = unknown> extends ReadableStore<ConversationSnapshot<TState>> {
  readonly conversation: Conversation<TState>;
  readonly actions: AgentStreamActions;
  readonly isRetained: boolean;
  /** Counts a component in; the returned function counts it out. */
  retain(resume: boolean): () => void;
}

/** A thread whose conversation the hook made. */
export interface OwnThread<TState = unknown> extends Thread<TState> {
  /** `threadId` as it was asked for. */
  readonly askedId: string | undefined;
  /** Set once the run was left to the server: the conversation goes on in another thread object, made from this. */
  detached: SerializedConversation<TState> | undefined;
  /** Takes a component's newest options; the next run uses them. The returned function takes them back. */
  update(options: OwnConversationOptions<TState>): () => void;
}

const threads = new WeakMap<Conversation, Thread>();

/** The one thread of a conversation. When the conversation was made elsewhere, its maker decides how long it lives. */
export function threadOf<TState>(
  conversation: Conversation<TState>,
  serverSnapshot = conversation.getSnapshot(),
  onAbandoned = () => {},
): Thread<TState> {
  const known = threads.get(conversation as Conversation);
  if (known) return known as Thread<TState>;
  const { actions, onCleanup } = bindActions(conversation as Conversation);
  let retained = 0;
  let resumed = false;
  const thread: Thread<TState> = {
    conversation,
    actions,
    get isRetained() {
      return retained > 0;
    },
    subscribe: (listener) => conversation.subscribe(listener),
    get: () => conversation.getSnapshot(),
    getServer: () => serverSnapshot,
    retain(resume) {
      retained += 1;
      if (resume && !resumed) void conversation.resume();
      resumed = true;
      return () => {
        onCleanup();
        retained -= 1;
        // A moment later: StrictMode and hot reloading unmount and mount again at once, and neither may cost a run.
        setTimeout(() => retained || onAbandoned(), 0);
      };
    },
  };
  threads.set(conversation as Conversation, thread as Thread);
  return thread;
}

/** What one component leaves out it leaves to the others. */
function unite<TState>(
  all: OwnConversationOptions<TState>,
  own: OwnConversationOptions<TState>,
): OwnConversationOptions<TState> {
  return Object.assign({}, all, own, all.tools && { tools: { ...all.tools, ...own.tools } });
}

/**
 * Makes a conversation that lives as long as components show it. Nothing is sent and nothing is listened to before the first
 * `retain`.
 */
export function createThread<TState>(
  first: OwnConversationOptions<TState>,
  restore?: SerializedConversation<TState>,
): OwnThread<TState> {
  let latest = first;
  /** Of each component that shows the conversation; the last to commit is the last. */
  const shown = new Set<typeof first>();
  const refresh = () => {
    // A run may go on unseen: with the options of the component that showed it last.
    if (shown.size) latest = [...shown].reduce(unite);
  };
  const detaching = new AbortController();
  const options: ConversationOptions<TState> = {
    ...splitOptions(first).conversation,
    ...(restore && { restore }),
    client: createLatestClient(
      () => latest as OwnConversationOptions,
      detaching.signal,
      () => conversation.export(),
    ),
    onEvent: (event) => latest.onEvent?.(event),
  };
  const conversation = (first.persist ?? createConversation)(options);
  // A server has no storage: what it rendered is the conversation before anything was restored.
  const server = first.persist ? createConversation(options) : conversation;

  function onAbandoned(): void {
    const policy = latest.onUnmount ?? 'abort';
    if (policy === 'keep') return;
    const exported = policy === 'detach' ? conversation.export() : undefined;
    // A run without event IDs cannot be resumed by anybody; stopping it tells the server nothing either.
    if (!exported?.run) {
      conversation.stop();
      return;
    }
    thread.detached = exported;
    detaching.abort();
    conversation.dispose();
  }

  const shared = threadOf(conversation, server.getSnapshot(), onAbandoned);
  const thread: OwnThread<TState> = Object.assign(shared, {
    askedId: first.threadId,
    detached: undefined,
    update(next: OwnConversationOptions<TState>) {
      const own = { ...next };
      shown.add(own);
      refresh();
      return () => {
        shown.delete(own);
        refresh();
      };
    },
  });
  return thread;
}
