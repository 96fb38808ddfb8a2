import type { AgentEvent } from './events';
import { contentText, type Message } from './messages';

/**
 * Creates the function that turns 1.0 events into the form that a client of the given version accepts: the identity for
 * 1.0 and later, else the subset that 0.0.x clients take without failing the run.
 *
 * What is lost: media in tool results, `pendingToolCallIds`, and the difference between a cancelled run and a failed one
 * (a cancelled run becomes RUN_ERROR with code `CANCELLED`, because 0.0.x would read anything else as success).
 *
 * @param protocolVersion `protocolVersion` of the request. Absent or unreadable: before 1.0.
 *
 * @example
 * ```ts
 * import { createDowngrade } from '@magi/stream-protocol';
 * const downgrade = createDowngrade(undefined);
 * downgrade({ type: 'RUN_FINISHED', threadId: 't1', runId: 'r1', outcome: { type: 'cancelled' } }); // RUN_ERROR
 * ```
 */
export function createDowngrade(
  protocolVersion: string | undefined,
): (event: AgentEvent) => AgentEvent {
  return Number.parseInt(protocolVersion ?? '', 10) >= 1 ? (event) => event : downgrade;
}

function downgrade(event: AgentEvent): AgentEvent {
  switch (event.type) {
    case 'RUN_STARTED':
      if (event.input === undefined) return event;
      return { ...event, input: { ...event.input, messages: event.input.messages.map(plainTool) } };
    case 'MESSAGES_SNAPSHOT':
      return { ...event, messages: event.messages.map(plainTool) };
    case 'TOOL_CALL_RESULT':
      return { ...event, content: contentText(event.content) };
    case 'RUN_FINISHED':
      if (event.outcome?.type === 'success') return { ...event, outcome: { type: 'success' } };
      if (event.outcome?.type === 'cancelled') {
        const { threadId: _, runId: __, result: ___, outcome: ____, ...rest } = event;
        return { ...rest, type: 'RUN_ERROR', message: 'The run was cancelled', code: 'CANCELLED' };
      }
      return event;
    default:
      return event;
  }
}

function plainTool(message: Message): Message {
  return message.role === 'tool' ? { ...message, content: contentText(message.content) } : message;
}
