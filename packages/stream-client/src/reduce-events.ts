import type {
  AgentEvent,
  MagiCustomEvents,
  TextMessageChunkEvent,
  ToolCallChunkEvent,
} from '@magi/stream-protocol';
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
  let latestId = '';
  let latestCallId = '';
  /** An id that an earlier run used → the one it has here. */
  const renamed = new Map<string, string>();
  const own = (id: string) => renamed.get(id) ?? id;
  /** An id that is opened is new, whatever earlier runs called theirs. */
  const open = (id: string) => {
    if (store.isTaken(id, runId)) renamed.set(id, `${runId}/${id}`);
    return own(id);
  };
  /** Subagent (undefined for the parent agent) → its latest message. */
  const latestOf = new Map<string | undefined, string>();

  return (event) => {
    const { subagentRunId } = event as { subagentRunId?: string };
    const owner: Owner = subagentRunId ? { runId, subagentRunId } : { runId };
    switch (event.type) {
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_CHUNK':
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_CHUNK': {
        // A chunk can say whatever a start and a content can.
        const { messageId = latestId, role, name, delta = '' } = event as TextMessageChunkEvent;
        const isText = event.type.startsWith('T');
        latestId = (event.type.endsWith('START') ? open : own)(messageId);
        const message = store.message(latestId, owner, isText ? role : 'reasoning');
        if (name) message.name = name;
        message.text += delta;
        message.state = 'streaming';
        if (isText) latestOf.set(subagentRunId, latestId);
        break;
      }
      case 'TEXT_MESSAGE_END':
      case 'REASONING_MESSAGE_END':
        store.message(own(event.messageId), owner).state = 'complete';
        break;
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_ARGS':
      case 'TOOL_CALL_CHUNK': {
        const chunk = event as ToolCallChunkEvent;
        const { toolCallId = latestCallId, toolCallName, parentMessageId, delta = '' } = chunk;
        latestCallId = (event.type.endsWith('START') ? open : own)(toolCallId);
        const parentId = parentMessageId && own(parentMessageId);
        store.toolCall(latestCallId, owner, toolCallName, parentId).argumentsText += delta;
        break;
      }
      case 'TOOL_CALL_END':
        store.toolCall(own(event.toolCallId), owner).state = 'called';
        break;
      case 'TOOL_CALL_RESULT': {
        const { content: result, messageId: resultId } = event;
        const call = store.toolCall(own(event.toolCallId), owner);
        Object.assign(call, { state: 'answered', result, resultId });
        break;
      }
      case 'REASONING_ENCRYPTED_VALUE': {
        const { subtype, entityId, encryptedValue } = event;
        const entity =
          subtype === 'message'
            ? store.message(entityId, owner, 'reasoning')
            : store.toolCall(entityId, owner);
        entity.encryptedValue = encryptedValue;
        break;
      }
      case 'STATE_SNAPSHOT':
        store.view.state = event.snapshot;
        break;
      case 'STATE_DELTA':
        store.view.state = applyPatch(store.view.state, event.delta);
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
            : (event.replace === false && old) || event.content;
        message.activity = { type, content: content as Record<string, unknown> };
        break;
      }
      case 'SUBAGENT_STARTED': {
        const { parentSubagentRunId } = event;
        const view = store.subagent(event.subagentRunId, runId, event.name);
        if (parentSubagentRunId) view.parentSubagentRunId = parentSubagentRunId;
        break;
      }
      case 'SUBAGENT_FINISHED': {
        const { outcome, result } = event;
        const state = outcome?.type === 'suspended' ? 'suspended' : 'finished';
        Object.assign(store.subagent(event.subagentRunId, runId), { state, result });
        break;
      }
      case 'SUBAGENT_ERROR': {
        const { message, code } = event;
        const error = { message, code };
        Object.assign(store.subagent(event.subagentRunId, runId), { state: 'failed', error });
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
      const message = store.message(latestOf.get(subagentRunId) ?? id, owner);
      message.files = store.append(message.files, value as MagiCustomEvents['magi.file']);
    }
  }
}
