import { createElement, type ReactElement, type ReactNode, useMemo } from 'react';
import type { AgentStreamOptions } from './agent-stream-types';
import { StreamContext } from './stream-context';
import type { Thread } from './thread';
import { useThread } from './use-thread';

/** The options of `useAgentStream`, and what is rendered with the conversation at hand. */
export type AgentStreamProviderProps<TState = unknown> = AgentStreamOptions<TState> & {
  readonly children?: ReactNode;
};

/**
 * Gives the components below one conversation: for `useAgentStream()` without options, `useAgentMessage` and `useAgentConversation`.
 *
 * Takes the same options as `useAgentStream` and does not re-render while an answer streams.
 *
 * @example
 * ```tsx
 * import { AgentStreamProvider, useAgentStream } from '@magi/stream-react';
 *
 * function Composer() {
 *   const { send } = useAgentStream();
 *   return <button type="button" onClick={() => send('Hello')}>Say hello</button>;
 * }
 * export const App = () => <AgentStreamProvider url="/api/agent"><Composer /></AgentStreamProvider>;
 * ```
 */
export function AgentStreamProvider<TState = unknown>(
  props: AgentStreamProviderProps<TState>,
): ReactElement {
  const { children, ...options } = props;
  const { thread, updates } = useThread(options as AgentStreamOptions<TState>);
  const value = useMemo(() => ({ thread: thread as Thread, updates }), [thread, updates]);
  return createElement(StreamContext.Provider, { value }, children);
}
