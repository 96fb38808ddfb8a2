import type { Conversation, ConversationOptions } from './conversation-types';

export function createConversation<TState = unknown>(
  options: ConversationOptions<TState>,
): Conversation<TState> {
  throw new Error(`Not available yet: ${options.threadId}`);
}
