import type { AgentEvent, AssistantMessage, Message, ToolCall } from '@magi/stream-protocol';

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
  function text(id: string, delta: string): void {
    const message = assistant(id);
    message.content = (message.content ?? '') + delta;
  }
  function call(id: string, name: string, messageId: string): void {
    if (calls.has(id)) return;
    const entry: ToolCall = { id, type: 'function', function: { name, arguments: '' } };
    calls.set(id, entry);
    const message = assistant(messageId);
    message.toolCalls = [...(message.toolCalls ?? []), entry];
  }

  return {
    messages,
    unanswered: () => [...calls.values()].filter(({ id }) => !answered.has(id)),
    add(event) {
      switch (event.type) {
        case 'TEXT_MESSAGE_START':
          if ((event.role ?? 'assistant') === 'assistant') assistant(event.messageId);
          break;
        case 'TEXT_MESSAGE_CONTENT':
          if (assistants.has(event.messageId)) text(event.messageId, event.delta);
          break;
        case 'TEXT_MESSAGE_CHUNK':
          lastMessageId = event.messageId ?? lastMessageId;
          if ((event.role ?? 'assistant') === 'assistant') text(lastMessageId, event.delta ?? '');
          break;
        case 'TOOL_CALL_START':
          call(event.toolCallId, event.toolCallName, event.parentMessageId ?? event.toolCallId);
          break;
        case 'TOOL_CALL_CHUNK':
          lastCallId = event.toolCallId ?? lastCallId;
          call(lastCallId, event.toolCallName ?? '', event.parentMessageId ?? lastCallId);
          extend(lastCallId, event.delta ?? '');
          break;
        case 'TOOL_CALL_ARGS':
          extend(event.toolCallId, event.delta);
          break;
        case 'TOOL_CALL_RESULT': {
          const { messageId: id, toolCallId, content } = event;
          answered.add(toolCallId);
          messages.push({ id, role: 'tool', toolCallId, content });
        }
      }
    },
  };

  function extend(id: string, delta: string): void {
    const entry = calls.get(id);
    if (entry) entry.function.arguments += delta;
  }
}
