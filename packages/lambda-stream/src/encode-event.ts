import type { AgentEvent, TextMessageContentEvent } from '@magi/stream-protocol';

/**
 * One event as one SSE frame.
 *
 * JSON text holds no line break, so nothing in an event can end its `data` line or start another field.
 */
export function encodeEvent(event: AgentEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/**
 * Creates the encoder of plain text deltas (see `isNextDelta`), the bulk of a run: the same frame as `encodeEvent`'s at a
 * quarter of the cost, because everything but the delta is encoded once per message.
 */
export function createDeltaEncoder(): (event: TextMessageContentEvent) => string {
  let messageId: string | undefined;
  let subagentRunId: string | undefined;
  let start = '';
  let end = '';
  return (event) => {
    if (event.messageId !== messageId || event.subagentRunId !== subagentRunId) {
      ({ messageId, subagentRunId } = event);
      start = `data: {"type":"TEXT_MESSAGE_CONTENT","messageId":${JSON.stringify(messageId)},"delta":`;
      end = `${subagentRunId === undefined ? '' : `,"subagentRunId":${JSON.stringify(subagentRunId)}`}}\n\n`;
    }
    return start + JSON.stringify(event.delta) + end;
  };
}
