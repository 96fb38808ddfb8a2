import type {
  AgentEvent,
  AssistantMessage,
  Message,
  TextMessageChunkEvent,
  ToolCall,
  ToolCallChunkEvent,
} from '@magi/stream-protocol';

/** What one run said, as the messages that the next request has to carry. */
export interface RunTranscript {
  add(event: AgentEvent): void;
  readonly messages: readonly Message[];
  /** The tool calls without a result, in the order of their start. */
  unanswered(): ToolCall[];
}

/** Collects messages and tool calls from the events of one run. Reasoning and activities are left out: agents do not take them back. */
export function createRunTranscript(): RunTranscript {
  const messages: Message[] = [];
  const assistants = new Map<string, AssistantMessage>();
  /** Messages that are not the assistant's. */
  const others = new Set<string>();
  const calls = new Map<string, ToolCall>();
  const answered = new Set<string>();
  let lastCallId = '';
  let lastMessageId = '';

  function assistant(id: string): AssistantMessage {
    const known = assistants.get(id);
    if (known) return known;
    const message: AssistantMessage = { id, role: 'assistant' };
    assistants.set(id, message);
    messages.push(message);
    return message;
  }
  function call(id: string, name: string, messageId: string): ToolCall {
    const known = calls.get(id);
    if (known) return known;
    const entry: ToolCall = { id, type: 'function', function: { name, arguments: '' } };
    calls.set(id, entry);
    const message = assistant(messageId);
    message.toolCalls = [...(message.toolCalls ?? []), entry];
    return entry;
  }

  return {
    messages,
    unanswered: () => [...calls.values()].filter(({ id }) => !answered.has(id)),
    add(event) {
      switch (event.type) {
        case 'TEXT_MESSAGE_START':
        case 'TEXT_MESSAGE_CONTENT':
        case 'TEXT_MESSAGE_CHUNK': {
          const { messageId = lastMessageId, role, delta } = event as TextMessageChunkEvent;
          lastMessageId = messageId;
          if (role && role !== 'assistant') others.add(messageId);
          if (others.has(messageId)) break;
          const message = assistant(messageId);
          if (delta) message.content = (message.content ?? '') + delta;
          break;
        }
        case 'TOOL_CALL_START':
        case 'TOOL_CALL_ARGS':
        case 'TOOL_CALL_CHUNK': {
          const {
            toolCallId = lastCallId,
            toolCallName = '',
            parentMessageId = toolCallId,
            delta = '',
          } = event as ToolCallChunkEvent;
          lastCallId = toolCallId;
          call(toolCallId, toolCallName, parentMessageId).function.arguments += delta;
          break;
        }
        case 'TOOL_CALL_RESULT': {
          const { messageId: id, toolCallId, content } = event;
          answered.add(toolCallId);
          messages.push({ id, role: 'tool', toolCallId, content });
        }
      }
    },
  };
}
