import type { ChatMessage, SerializedConversation } from '@magi/stream-client';

/**
 * What is stored, together with the messages here that could not be: they stand where the stored form of them stands, or at the end.
 *
 * Their interrupts, usage and trace are not brought along. A message that another tab has taken back meanwhile is shown again.
 */
export function withUnsaved<TState>(
  stored: SerializedConversation<TState> | undefined,
  own: SerializedConversation<TState>,
  unsaved: readonly ChatMessage[],
): SerializedConversation<TState> | undefined {
  if (unsaved.length === 0) return stored;
  if (!stored) return { ...own, messages: unsaved };
  const left = new Map(unsaved.map((message) => [message.id, message]));
  const messages = stored.messages.map((message) => {
    const mine = left.get(message.id);
    left.delete(message.id);
    // Another tab may have read to its end what was cut here.
    const isCutHere = mine?.state !== 'complete' && message.state === 'complete';
    return mine && !isCutHere ? mine : message;
  });
  const runs = new Set(unsaved.map(({ runId }) => runId));
  const known = new Set(stored.subagents.map(({ subagentRunId }) => subagentRunId));
  const subagents = own.subagents.filter(
    ({ runId, subagentRunId }) => runs.has(runId) && !known.has(subagentRunId),
  );
  return {
    ...stored,
    messages: [...messages, ...left.values()],
    subagents: [...stored.subagents, ...subagents],
  };
}
