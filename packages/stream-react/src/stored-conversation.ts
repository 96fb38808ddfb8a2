import {
  type ChatMessage,
  type Conversation,
  type ConversationOptions,
  type ConversationSnapshot,
  createConversation,
  type SerializedConversation,
} from '@magi/stream-client';

type Stored<TState> = SerializedConversation<TState>;

/** What is shown while the run goes on in another tab: to the conversation here it is over, and what it says was cut. */
function stillStreaming<TState>(
  snapshot: ConversationSnapshot<TState>,
  stored: Stored<TState>,
): ConversationSnapshot<TState> {
  const messages = snapshot.messages.map((message, index): ChatMessage => {
    const isStreaming = stored.messages[index]?.state === 'streaming';
    return isStreaming ? { ...message, state: 'streaming' } : message;
  });
  return { ...snapshot, messages };
}

/** A conversation made from what is stored. */
export interface StoredConversation<TState> {
  readonly conversation: Conversation<TState>;
  /** What is shown as long as the snapshot is the one that it began with. */
  readonly shown: ConversationSnapshot<TState>;
  /** A run goes on, or was cut. */
  readonly isCut: boolean;
}

export function fromStored<TState>(
  options: ConversationOptions<TState>,
  stored: Stored<TState> | undefined,
  isRunElsewhere: boolean,
): StoredConversation<TState> {
  if (!stored) {
    const conversation = createConversation(options);
    return { conversation, shown: conversation.getSnapshot(), isCut: false };
  }
  const { run, ...rest } = stored;
  // A run that goes on in another tab is no run to resume here.
  const restore = isRunElsewhere ? rest : stored;
  const conversation = createConversation({ ...options, restore });
  const snapshot = conversation.getSnapshot();
  return {
    conversation,
    shown: isRunElsewhere ? stillStreaming(snapshot, stored) : snapshot,
    isCut: run !== undefined || stored.messages.some(({ state }) => state === 'streaming'),
  };
}
