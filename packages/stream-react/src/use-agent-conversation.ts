import type { Conversation } from '@magi/stream-client';
import { useContext } from 'react';
import { StreamContext } from './stream-context';

/**
 * Returns the conversation of the `AgentStreamProvider` above, without re-rendering for what happens in it.
 *
 * @throws Error when there is no provider above.
 *
 * @example
 * ```tsx
 * import { useAgentConversation, useAgentSelector } from '@magi/stream-react';
 *
 * function Status() {
 *   const status = useAgentSelector(useAgentConversation(), (snapshot) => snapshot.status);
 *   return <output>{status}</output>;
 * }
 * ```
 */
export function useAgentConversation<TState = unknown>(): Conversation<TState> {
  const provided = useContext(StreamContext);
  if (!provided)
    throw new Error('Cannot find a conversation: render an <AgentStreamProvider> above');
  return provided.thread.conversation as Conversation<TState>;
}
