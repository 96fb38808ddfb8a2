import type { AgentEvent, MagiCustomEvents } from '@magi/stream-protocol';
import type { Owner } from './chat-messages';
import type { EventStore } from './event-store';
import { applyPatch } from './json-patch';

/**
 * Applies the events of one run to the store, each in O(1). Tolerates events out of order: what was not opened is opened.
 * RUN_* events change nothing here.
 *
 * @throws TypeError when a patch does not fit what it patches.
 */
export function createReducer(store: EventStore, runId: string): (event: AgentEvent) => void {
  /** What CHUNK events without an id belong to. */
  let chunkMessageId = '';
  let chunkToolCallId = '';
  /** An id that an earlier run used → the one it has here. */
  const renamed = new Map<string, string>();
  const own = (id: string) => renamed.get(id) ?? id;
  /** An id that is opened is new, whatever earlier runs called theirs. */
  const open = (id: string) => {
    if (store.isTaken(id, runId)) renamed.set(id, `${runId}/${id}`);
    return own(id);
  };
  /** Subagent ('' for the parent agent) → its latest message. */
  const latest = new Map<string, string>();

  return (event) => {
    const subagentRunId = 'subagentRunId' in event ? event.subagentRunId : undefined;
    const owner: Owner = subagentRunId ? { runId, subagentRunId } : { runId };
    switch (event.type) {
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CHUNK':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CHUNK': {
        const isText = event.type.startsWith('T');
        const isStart = event.type.endsWith('START');
        const id = (isStart ? open : own)(event.messageId ?? chunkMessageId);
        const role = isText ? 'role' in event && event.role : 'reasoning';
        const message = store.message(id, owner, role || 'assistant');
        if ('name' in event && event.name) message.name = event.name;
        if ('delta' in event && event.delta) message.text += event.delta;
        message.state = 'streaming';
        chunkMessageId = id;
        if (isText) latest.set(subagentRunId ?? '', id);
        break;
      }
      case 'TEXT_MESSAGE_END':
      case 'REASONING_MESSAGE_END':
        store.message(own(event.messageId), owner).state = 'complete';
        break;
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_CHUNK': {
        const isStart = event.type === 'TOOL_CALL_START';
        const id = (isStart ? open : own)(event.toolCallId ?? chunkToolCallId);
        const { toolCallName, parentMessageId } = event;
        const parentId = parentMessageId && own(parentMessageId);
        const call = store.toolCall(id, owner, toolCallName, parentId);
        chunkToolCallId = id;
        if ('delta' in event && event.delta) call.argumentsText += event.delta;
        break;
      }
      case 'TOOL_CALL_ARGS':
        store.toolCall(own(event.toolCallId), owner).argumentsText += event.delta;
        break;
      case 'TOOL_CALL_END':
        store.toolCall(own(event.toolCallId), owner).state = 'called';
        break;
      case 'TOOL_CALL_RESULT':
        Object.assign(store.toolCall(own(event.toolCallId), owner), {
          state: 'answered',
          result: event.content,
          resultId: event.messageId,
        });
        break;
      case 'REASONING_ENCRYPTED_VALUE': {
        const { entityId, encryptedValue } = event;
        const entity =
          event.subtype === 'message'
            ? store.message(entityId, owner, 'reasoning')
            : store.toolCall(entityId, owner);
        entity.encryptedValue = encryptedValue;
        break;
      }
      case 'STATE_SNAPSHOT':
        store.state = event.snapshot;
        break;
      case 'STATE_DELTA':
        store.state = applyPatch(store.state, event.delta);
        break;
      case 'MESSAGES_SNAPSHOT':
        store.load(event.messages);
        break;
      case 'ACTIVITY_SNAPSHOT':
      case 'ACTIVITY_DELTA': {
        const { messageId, activityType: type } = event;
        const message = store.message(messageId, owner, 'activity');
        const old = message.activity?.content;
        const content =
          event.type === 'ACTIVITY_DELTA'
            ? applyPatch(old ?? {}, event.patch)
            : event.replace === false
              ? (old ?? event.content)
              : event.content;
        message.activity = { type, content: content as Record<string, unknown> };
        break;
      }
      case 'SUBAGENT_STARTED': {
        const view = store.subagent(event.subagentRunId, runId, event.name);
        if (event.parentSubagentRunId) view.parentSubagentRunId = event.parentSubagentRunId;
        break;
      }
      case 'SUBAGENT_FINISHED': {
        const view = store.subagent(event.subagentRunId, runId);
        view.state = event.outcome?.type === 'suspended' ? 'suspended' : 'finished';
        if (event.result !== undefined) view.result = event.result;
        break;
      }
      case 'SUBAGENT_ERROR': {
        const { message, code } = event;
        const view = store.subagent(event.subagentRunId, runId);
        view.state = 'failed';
        view.error = code === undefined ? { message } : { message, code };
        break;
      }
      case 'CUSTOM':
        if (event.value) custom(event.name, event.value, owner);
    }
  };

  // The names are ours, but nobody has checked the payloads: one without a place to go is left out.
  function custom(name: string, value: object, owner: Owner): void {
    const { subagentRunId } = owner;
    const { id, messageId } = value as { id?: unknown; messageId?: unknown };
    if (name === 'magi.degraded' && subagentRunId) {
      store.subagent(subagentRunId, runId).degraded = value as MagiCustomEvents['magi.degraded'];
    } else if (typeof id !== 'string') {
      return;
    } else if (name === 'magi.trace') {
      store.traceStep({ ...(value as MagiCustomEvents['magi.trace']), ...owner, runId });
    } else if (name === 'magi.citation' && typeof messageId === 'string') {
      const message = store.message(own(messageId), owner);
      message.citations = store.append(
        message.citations,
        value as MagiCustomEvents['magi.citation'],
      );
    } else if (name === 'magi.file') {
      const message = store.message(latest.get(subagentRunId ?? '') ?? id, owner);
      message.files = store.append(message.files, value as MagiCustomEvents['magi.file']);
    }
  }
}
