import { isRecord } from '../../sources/is-record';
import type { Emit, FrameMapper } from '../../sources/run-upstream';
import type { TextMessage } from '../../sources/text-message';
import { createTextMessage } from '../../sources/text-message';
import { createUsageTotal } from '../../sources/usage';
import { findText } from './plain';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Maps the messages that a graph of LangGraph streams, as `model_dump()` writes them, alone or as `[message, metadata]`.
 *
 * Chunks of one message share its id; a whole message whose chunks have come is left out.
 *
 * @see https://docs.langchain.com/oss/python/langgraph/streaming
 */
export function createLangGraphMapper(): FrameMapper<unknown> {
  const source = 'agentcore-runtime';
  const usage = createUsageTotal('');
  const messages = new Map<string, TextMessage>();
  /** Later fragments of a tool call carry its index only. */
  const callIds = new Map<string, string>();
  /** The call's id to the id of the message that writes it; nodes that run in parallel write at the same time. */
  const openCalls = new Map<string, string>();

  const messageOf = (id: string): TextMessage => {
    const message = messages.get(id) ?? createTextMessage(globalThis.crypto.randomUUID());
    messages.set(id, message);
    return message;
  };

  const closeCall = (toolCallId: string, emit: Emit): void => {
    if (openCalls.delete(toolCallId)) emit({ type: 'TOOL_CALL_END', toolCallId });
  };

  const closeCallsOf = (id: string, emit: Emit): void => {
    for (const [toolCallId, messageId] of openCalls)
      if (messageId === id) closeCall(toolCallId, emit);
  };

  const openCall = (id: string, toolCallId: string, name: unknown, emit: Emit): void => {
    openCalls.set(toolCallId, id);
    const toolCallName = typeof name === 'string' ? name : 'tool';
    const parentMessageId = messageOf(id).messageId;
    emit({ type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId });
  };

  const callFragment = (id: string, fragment: Fields, emit: Emit): void => {
    const key = `${id}:${String(fragment.index ?? 0)}`;
    if (typeof fragment.id === 'string' && fragment.id !== '' && callIds.get(key) !== fragment.id) {
      callIds.set(key, fragment.id);
      openCall(id, fragment.id, fragment.name, emit);
    }
    const toolCallId = callIds.get(key);
    if (toolCallId === undefined || !openCalls.has(toolCallId)) return;
    if (typeof fragment.args !== 'string' || fragment.args === '') return;
    emit({ type: 'TOOL_CALL_ARGS', toolCallId, delta: fragment.args });
  };

  const addUsage = (value: Fields): void => {
    const counts = value.usage_metadata;
    if (!isRecord(counts)) return;
    const { model_name: model } = isRecord(value.response_metadata) ? value.response_metadata : {};
    const count = (name: string): number | undefined => {
      const tokens = counts[name];
      return typeof tokens === 'number' ? tokens : undefined;
    };
    usage.add(typeof model === 'string' ? model : undefined, {
      inputTokens: count('input_tokens'),
      outputTokens: count('output_tokens'),
      totalTokens: count('total_tokens'),
    });
  };

  const chunk = (value: Fields, emit: Emit): void => {
    const id = String(value.id ?? '');
    messageOf(id).append(findText(value.content) ?? '', emit);
    for (const fragment of listOf(value.tool_call_chunks)) callFragment(id, fragment, emit);
    if (value.chunk_position === 'last') closeCallsOf(id, emit);
    addUsage(value);
  };

  const whole = (value: Fields, emit: Emit): void => {
    const id = String(value.id ?? globalThis.crypto.randomUUID());
    if (messages.has(id)) {
      closeCallsOf(id, emit);
      return;
    }
    messageOf(id).append(findText(value.content) ?? '', emit);
    for (const call of listOf(value.tool_calls)) {
      if (typeof call.id !== 'string') continue;
      openCall(id, call.id, call.name, emit);
      const delta = JSON.stringify(call.args ?? {});
      emit({ type: 'TOOL_CALL_ARGS', toolCallId: call.id, delta });
      closeCall(call.id, emit);
    }
    addUsage(value);
  };

  return {
    map(value, emit) {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      const dumped = isRecord(first) ? first : {};
      switch (dumped.type) {
        case 'AIMessageChunk':
          return chunk(dumped, emit);
        case 'ai':
          return whole(dumped, emit);
        case 'tool': {
          const toolCallId = String(dumped.tool_call_id ?? '');
          closeCall(toolCallId, emit);
          const content = findText(dumped.content) ?? JSON.stringify(dumped.content ?? '');
          const messageId = `${toolCallId}:result`;
          emit({ type: 'TOOL_CALL_RESULT', messageId, toolCallId, content, role: 'tool' });
          return;
        }
        case 'human':
        case 'system':
          // The question, not the answer.
          return;
        default:
          emit({ type: 'RAW', event: value, source });
      }
    },
    usage: usage.summary,
    finish(emit) {
      for (const toolCallId of openCalls.keys()) closeCall(toolCallId, emit);
      for (const message of messages.values()) message.end(emit);
      return usage.summary();
    },
  };
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
