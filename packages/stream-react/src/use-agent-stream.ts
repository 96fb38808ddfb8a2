import { useMemo } from 'react';
import type { AgentStream, AgentStreamOptions } from './agent-stream-types';
import { useStoreValue } from './use-store-value';
import { useThread } from './use-thread';

const whole = <T>(snapshot: T): T => snapshot;

/**
 * Shows a conversation with an agent and talks to it.
 *
 * The component re-renders at most once per frame while an answer streams, and at once when a run ends. It re-renders for every
 * change of the conversation: pass messages to memoised children (unchanged messages keep their identity), or use
 * `useAgentSelector` and `useAgentMessage` in the parts that should sleep.
 *
 * Options are read anew for each run: `url`, `auth`, `headers`, `tools` and callbacks may be written inline. Only another
 * `threadId` (or `conversation`) makes another conversation. Components that ask for the same one unite their `tools`; any other
 * option is that of the last to commit with it. Without options it shows the conversation of the `AgentStreamProvider` above.
 *
 * @typeParam TState - the agent's shared state. Not validated.
 * @typeParam TInterrupts - the payload of the answer, by `reason` of the interrupt. Not validated.
 * @throws TypeError, RangeError when an option is missing, contradictory or out of bounds; Error without options and provider.
 *
 * @example
 * ```tsx
 * import { bearer } from '@magi/stream-client';
 * import { useAgentStream } from '@magi/stream-react';
 *
 * export function Chat({ getToken }: { getToken(): Promise<string> }) {
 *   const { messages, status, error, send, stop } = useAgentStream({ url: '/api/agent', auth: bearer(getToken) });
 *   return (
 *     <>
 *       {messages.map(({ id, role, text }) => <p key={id} className={role}>{text}</p>)}
 *       {error && <p role="alert">{error.message}</p>}
 *       <button type="button" onClick={() => void send('What is the MAGI system?')}>Ask</button>
 *       {status === 'streaming' && <button type="button" onClick={stop}>Stop</button>}
 *     </>
 *   );
 * }
 * ```
 * @see https://react.dev/reference/react/useSyncExternalStore
 */
export function useAgentStream<
  TState = unknown,
  TInterrupts extends object = Record<string, unknown>,
>(options?: AgentStreamOptions<TState>): AgentStream<TState, TInterrupts> {
  const { thread, updates } = useThread(options);
  const snapshot = useStoreValue(thread, updates, whole);
  // Assigned, not spread: engines are several times slower at spreading this many fields, and it happens in each frame.
  return useMemo(
    () =>
      Object.assign(
        { conversation: thread.conversation },
        snapshot,
        thread.actions,
      ) as unknown as AgentStream<TState, TInterrupts>,
    [thread, snapshot],
  );
}
