import type { ChatMessage, Conversation, ConversationSnapshot } from '@magi/stream-client';
import { useContext, useMemo } from 'react';
import { StreamContext } from './stream-context';
import { useAgentSelector } from './use-agent-selector';

/**
 * Returns one message, or `undefined` when the conversation does not have it, and re-renders only when that message changes.
 *
 * @param conversation - default: the conversation of the `AgentStreamProvider` above.
 * @throws Error without `conversation` and provider.
 *
 * @example
 * ```tsx
 * import { memo } from 'react';
 * import { AgentStreamProvider, useAgentConversation, useAgentMessage, useAgentSelector } from '@magi/stream-react';
 *
 * const Message = memo(({ id }: { id: string }) => <p>{useAgentMessage(id)?.text}</p>);
 * const sameIds = (a: string[], b: string[]) => a.length === b.length && a.every((id, i) => id === b[i]);
 *
 * function Messages() {
 *   const ids = useAgentSelector(useAgentConversation(), ({ messages }) => messages.map(({ id }) => id), sameIds);
 *   return ids.map((id) => <Message key={id} id={id} />);
 * }
 * export const App = () => <AgentStreamProvider url="/api/agent"><Messages /></AgentStreamProvider>;
 * ```
 */
export function useAgentMessage(id: string, conversation?: Conversation): ChatMessage | undefined {
  const provided = useContext(StreamContext);
  const source = conversation ?? provided?.thread.conversation;
  if (!source) {
    throw new Error(
      'Cannot find a conversation: pass one, or render an <AgentStreamProvider> above',
    );
  }
  const selector = useMemo(() => {
    // A message rarely moves: looking where it was last keeps a long history from being searched at every frame.
    let index = -1;
    return ({ messages }: ConversationSnapshot): ChatMessage | undefined => {
      if (messages[index]?.id !== id) index = messages.findIndex((message) => message.id === id);
      return messages[index];
    };
  }, [id]);
  return useAgentSelector(source, selector);
}
