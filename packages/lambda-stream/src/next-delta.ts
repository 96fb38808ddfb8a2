import type { AgentEvent, TextMessageContentEvent } from '@magi/stream-protocol';

/** Whether an event is text of a message with nothing else to say: no metadata, no timestamp, no provider event. */
export function isPlainDelta(event: AgentEvent): event is TextMessageContentEvent {
  if (event.type !== 'TEXT_MESSAGE_CONTENT' || typeof event.delta !== 'string') return false;
  let others = event.subagentRunId === undefined ? 0 : -1;
  for (const name in event)
    if (name !== 'type' && name !== 'messageId' && name !== 'delta') others++;
  return others === 0;
}

/**
 * Whether `event` only adds text to the message that `previous`, the event right before it, added text to. Then every rule
 * that held for `previous` holds for `event`, and neither its fields nor its order need another look.
 */
export function isNextDelta(
  previous: TextMessageContentEvent | undefined,
  event: AgentEvent,
): event is TextMessageContentEvent {
  return (
    previous !== undefined &&
    isPlainDelta(event) &&
    event.messageId === previous.messageId &&
    event.subagentRunId === previous.subagentRunId
  );
}
