import type { AgentClientOptions, ConversationOptions } from '@magi/stream-client';
import type { OwnConversationOptions } from './agent-stream-types';

/** The options of the hook, sorted by who takes them. */
export interface SplitOptions<TState> {
  /** For `createAgentClient`. */
  readonly connection: AgentClientOptions;
  /** For `createConversation`: it rejects what nobody knows. */
  readonly conversation: Omit<ConversationOptions<TState>, 'client'>;
}

export function splitOptions<TState>(
  options: OwnConversationOptions<TState>,
): SplitOptions<TState> {
  const { url, auth, fetch, headers, timeouts, maxEventBytes, reconnect, onUnknown, ...others } =
    options;
  // What the hook looks after itself, or adds to each run.
  const {
    client: _client,
    conversation: _conversation,
    onUnmount: _onUnmount,
    updates: _updates,
    resumeOnMount: _resumeOnMount,
    tools: _tools,
    maxToolRounds: _maxToolRounds,
    context: _context,
    forwardedProps: _forwardedProps,
    persist: _persist,
    ...conversation
  } = others;
  const { clock } = conversation;
  const connection = {
    url,
    auth,
    fetch,
    clock,
    headers,
    timeouts,
    maxEventBytes,
    reconnect,
    onUnknown,
  };
  return { connection: connection as AgentClientOptions, conversation };
}
