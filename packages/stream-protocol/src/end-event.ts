import type { AgentEvent } from './events';

/** Builds the event that ends what `start` opened, attributed to `owner`. */
export function endEvent(start: AgentEvent, owner: string | undefined): AgentEvent {
  const attribution = owner === undefined ? {} : { subagentRunId: owner };
  switch (start.type) {
    case 'TEXT_MESSAGE_START':
      return { type: 'TEXT_MESSAGE_END', messageId: start.messageId, ...attribution };
    case 'TOOL_CALL_START':
      return { type: 'TOOL_CALL_END', toolCallId: start.toolCallId, ...attribution };
    case 'REASONING_START':
      return { type: 'REASONING_END', messageId: start.messageId, ...attribution };
    case 'REASONING_MESSAGE_START':
      return { type: 'REASONING_MESSAGE_END', messageId: start.messageId, ...attribution };
    case 'STEP_STARTED':
      return { type: 'STEP_FINISHED', stepName: start.stepName, ...attribution };
    case 'SUBAGENT_STARTED':
      return {
        type: 'SUBAGENT_ERROR',
        subagentRunId: start.subagentRunId,
        message: 'The run ended before the subagent did',
        code: 'RUN_ENDED',
      };
    default:
      throw new TypeError(`Cannot end ${start.type}: it opens nothing`);
  }
}
