import { useContext, useEffect, useInsertionEffect, useState } from 'react';
import type {
  AgentStreamOptions,
  OwnConversationOptions,
  SharedConversationOptions,
  UpdatePriority,
} from './agent-stream-types';
import { StreamContext } from './stream-context';
import { type OwnThread, type Thread, threadOf } from './thread';
import { acquireThread } from './thread-cache';

function isShared<TState>(
  options: AgentStreamOptions<TState>,
): options is SharedConversationOptions<TState> {
  return options.conversation !== undefined;
}

function checkOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (value !== undefined && !known.includes(value)) {
    throw new TypeError(`"${name}" must be one of "${known.join('", "')}", got "${value}"`);
  }
}

function checkOptions(options: OwnConversationOptions): void {
  const { url, client, onUnmount, updates, threadId, maxToolRounds = 1 } = options;
  if ((url === undefined) === (client === undefined)) {
    throw new TypeError('useAgentStream needs exactly one of "url", "client" and "conversation"');
  }
  checkOneOf('onUnmount', onUnmount, ['abort', 'keep', 'detach']);
  checkOneOf('updates', updates, ['sync', 'transition']);
  if ((onUnmount ?? 'abort') !== 'abort' && threadId === undefined) {
    throw new TypeError(`"onUnmount: ${onUnmount}" needs a "threadId" to find the run again`);
  }
  if (!(Number.isInteger(maxToolRounds) && maxToolRounds >= 1)) {
    throw new RangeError(
      `"maxToolRounds" must be an integer of at least 1, got "${maxToolRounds}"`,
    );
  }
}

function open<TState>(options: OwnConversationOptions<TState>): OwnThread<TState> {
  checkOptions(options as OwnConversationOptions);
  return acquireThread(options);
}

/** The thread that a component shows, and how its updates reach React: from the options, or from the provider above. */
export function useThread<TState>(options: AgentStreamOptions<TState> | undefined): {
  thread: Thread<TState>;
  updates: UpdatePriority;
} {
  const provided = useContext(StreamContext);
  const own = options && !isShared(options) ? options : undefined;
  const [held, hold] = useState(() => own && open(own));

  let ownThread = own && held;
  if (own && (!ownThread || ownThread.askedId !== own.threadId)) {
    ownThread = open(own);
    hold(ownThread);
  }
  let thread: Thread<TState> | undefined = ownThread;
  if (options && isShared(options)) thread = threadOf(options.conversation);
  else if (!options) thread = provided?.thread as Thread<TState> | undefined;
  if (!thread) {
    throw new Error(
      'Cannot find a conversation: pass "url", "client" or "conversation", or render an <AgentStreamProvider> above',
    );
  }

  // After every commit: the next run uses what was committed last, never what a discarded render tried.
  useInsertionEffect(() => {
    if (own) ownThread?.update(own);
  });
  const retained = options ? thread : undefined;
  const resume = options?.resumeOnMount ?? true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options are read when the thread changes, not watched
  useEffect(() => {
    // A hidden tree comes back with the state it had; its run may have been left to the server meanwhile.
    if (ownThread?.detached && own) hold(open(own));
    else return retained?.retain(resume);
    return undefined;
  }, [retained]);

  return { thread, updates: options?.updates ?? provided?.updates ?? 'sync' };
}
