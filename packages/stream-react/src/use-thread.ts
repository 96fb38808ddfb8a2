import { useContext, useEffect, useInsertionEffect, useState } from 'react';
import type {
  AgentStreamOptions,
  OwnConversationOptions,
  UpdatePriority,
} from './agent-stream-types';
import { splitOptions } from './split-options';
import { StreamContext } from './stream-context';
import { type OwnThread, type Thread, threadOf } from './thread';
import { acquireThread, evictLater } from './thread-cache';

function checkOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (value !== undefined && !known.includes(value)) {
    throw new TypeError(`"${name}" must be one of ${known}`);
  }
}

/** Throws for what would be ignored in silence beside `source`. */
function checkAlone(source: string, others: object): void {
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) throw new TypeError(`"${source}" excludes "${name}"`);
  }
}

/** Returns nothing for a conversation that was made elsewhere. */
function open<TState>(
  options: AgentStreamOptions<TState>,
  held?: OwnThread<TState>,
): OwnThread<TState> | undefined {
  const { conversation, updates, resumeOnMount, ...others } = options;
  checkOneOf('updates', updates, ['sync', 'transition']);
  checkOneOf('resumeOnMount', resumeOnMount, [true, false]);
  if (conversation) {
    checkAlone('conversation', others);
    return undefined;
  }
  const own = options as OwnConversationOptions<TState>;
  const { url, client, onUnmount = 'abort', threadId, maxToolRounds = 1 } = own;
  if (client) {
    checkAlone('client', { ...splitOptions(own).connection, clock: undefined });
  } else if (url === undefined) {
    throw new TypeError('Cannot find a conversation: pass "url", "client" or "conversation"');
  }
  checkOneOf('onUnmount', onUnmount, ['abort', 'keep', 'detach']);
  if (onUnmount !== 'abort' && threadId === undefined) {
    throw new TypeError('"onUnmount" needs a "threadId" to find the run again');
  }
  if (!(Number.isInteger(maxToolRounds) && maxToolRounds >= 1)) {
    throw new RangeError('"maxToolRounds" must be an integer of at least 1');
  }
  return acquireThread(own, held);
}

/** The thread that a component shows, and how its updates reach React: from the options, or from the provider above. */
export function useThread<TState>(options: AgentStreamOptions<TState> | undefined): {
  thread: Thread<TState>;
  updates: UpdatePriority;
} {
  const provided = useContext(StreamContext);
  const shared = options?.conversation;
  const own = shared ? undefined : (options as OwnConversationOptions<TState> | undefined);
  const [held, hold] = useState(() => options && open(options));

  let ownThread = own && held;
  if (own && (!ownThread || ownThread.askedId !== own.threadId)) {
    ownThread = open(own);
    hold(ownThread);
  }
  const above = options ? undefined : (provided?.thread as Thread<TState> | undefined);
  const thread = shared ? threadOf(shared) : (ownThread ?? above);
  if (!thread) {
    throw new Error(
      'Cannot find a conversation: pass "url", "client" or "conversation", or render an <AgentStreamProvider> above',
    );
  }

  // After every commit: the next run uses what was committed last, never what a discarded render tried.
  useInsertionEffect(() => (own ? ownThread?.update(own) : undefined));
  const retained = options ? thread : undefined;
  const resume = options?.resumeOnMount ?? true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options are read when the thread changes, not watched
  useEffect(() => {
    // A hidden tree comes back with the state it had; meanwhile its thread may have been forgotten, or its run left to the server.
    if (ownThread?.detached && own) {
      hold(open(own, ownThread));
      return undefined;
    }
    const release = retained?.retain(resume);
    return () => {
      release?.();
      if (ownThread) evictLater(ownThread as OwnThread);
    };
  }, [retained]);

  return { thread, updates: options?.updates ?? provided?.updates ?? 'sync' };
}
