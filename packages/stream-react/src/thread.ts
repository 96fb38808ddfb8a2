import {
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type SerializedConversation,
} from '@magi/stream-client';
import type { OwnConversationOptions } from './agent-stream-types';
import { createLatestClient } from './latest-client';
import { conversationOptions } from './split-options';
import { bindActions, type StreamActions } from './stream-actions';
import type { ReadableStore } from './use-store-value';

/** A conversation together with what its components share: functions, server snapshot, lifetime. */
export interface Thread<TState = unknown> extends ReadableStore<ConversationSnapshot<TState>> {
  readonly conversation: Conversation<TState>;
  readonly actions: StreamActions;
  /** Counts a component in; the returned function counts it out. */
  retain(resume: boolean): () => void;
}

/** A thread whose conversation the hook made. */
export interface OwnThread<TState = unknown> extends Thread<TState> {
  /** `threadId` as it was asked for. */
  readonly askedId: string | undefined;
  readonly isRetained: boolean;
  /** Set once the run was left to the server: the conversation goes on in another thread object, made from this. */
  readonly detached: SerializedConversation<TState> | undefined;
  /** Takes the newest options; the next run uses them. */
  update(options: OwnConversationOptions<TState>): void;
}

const threads = new WeakMap<Conversation, Thread>();

/** The one thread of a conversation. When the conversation was made elsewhere, its maker decides how long it lives. */
export function threadOf<TState>(conversation: Conversation<TState>): Thread<TState> {
  const known = threads.get(conversation as Conversation);
  if (known) return known as Thread<TState>;
  const first = conversation.getSnapshot();
  const actions = bindActions(conversation as Conversation);
  let resumed = false;
  const thread: Thread<TState> = {
    conversation,
    actions,
    subscribe: (listener) => conversation.subscribe(listener),
    get: () => conversation.getSnapshot(),
    getServer: () => first,
    retain(resume) {
      if (resume && !resumed) void conversation.resume();
      resumed = true;
      return actions.onCleanup;
    },
  };
  threads.set(conversation as Conversation, thread as Thread);
  return thread;
}

/**
 * Makes a conversation that lives as long as components show it, plus a moment: StrictMode and hot reloading unmount and mount
 * again at once, and neither may cost a run. Nothing is sent and nothing is listened to before the first `retain`.
 */
export function createThread<TState>(
  first: OwnConversationOptions<TState>,
  restore?: SerializedConversation<TState>,
): OwnThread<TState> {
  let latest = first;
  const client = createLatestClient(() => latest as OwnConversationOptions);
  const options: ConversationOptions<TState> = {
    ...conversationOptions(first),
    ...(restore ? { restore } : {}),
    client,
    onEvent: (event) => latest.onEvent?.(event),
  };
  const conversation = (first.persist ?? createConversation)(options);
  const actions = bindActions(conversation as Conversation);
  let serverSnapshot = first.persist ? undefined : conversation.getSnapshot();
  let retained = 0;
  let resumed = false;
  let detached: SerializedConversation<TState> | undefined;

  function release(): void {
    if (retained > 0) return;
    const policy = latest.onUnmount ?? 'abort';
    if (policy === 'keep') return;
    const exported = policy === 'detach' ? conversation.export() : undefined;
    // A run without event IDs cannot be resumed by anybody; stopping it tells the server nothing either.
    if (!exported?.run) {
      conversation.stop();
      return;
    }
    detached = exported;
    client.detach();
    conversation.dispose();
  }

  const thread: OwnThread<TState> = {
    conversation,
    actions,
    askedId: first.threadId,
    get isRetained() {
      return retained > 0;
    },
    get detached() {
      return detached;
    },
    update(next) {
      latest = next;
    },
    subscribe: (listener) => conversation.subscribe(listener),
    get: () => conversation.getSnapshot(),
    getServer() {
      // A server has no storage: what it rendered is the conversation before anything was restored.
      serverSnapshot ??= createConversation(options).getSnapshot();
      return serverSnapshot;
    },
    retain(resume) {
      retained += 1;
      if (resume && !resumed) void conversation.resume();
      resumed = true;
      return () => {
        actions.onCleanup();
        retained -= 1;
        if (retained === 0) setTimeout(release, 0);
      };
    },
  };
  threads.set(conversation as Conversation, thread as Thread);
  return thread;
}
