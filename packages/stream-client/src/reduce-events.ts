import type {
  AgentEvent,
  Interrupt,
  MagiCustomEvents,
  TextMessageChunkEvent,
  ToolCallChunkEvent,
} from '@magi/stream-protocol';
import type { Owner } from './chat-messages';
import type { TraceStepView } from './conversation-types';
import type { EventStore } from './event-store';
import { createNames } from './id-names';
import { applyPatch } from './json-patch';

export interface Reducer {
  apply(event: AgentEvent): void;
  /** The interrupt with the ids that the store has for its tool call and its subagent. */
  named(interrupt: Interrupt): Interrupt;
}

/**
 * Applies the events of one run to the store, each in O(1); a snapshot, a citation or a file in O(n) of its list. Tolerates events
 * out of order: what was not opened is opened. RUN_* events change nothing here.
 *
 * What is over is not opened again: its id names something new. Nothing else tells the runs of a thread apart, nor the rounds of
 * a run, when an agent counts its ids anew in each.
 *
 * @throws TypeError when a patch does not fit what it patches.
 */
export function createReducer(store: EventStore, runId: string): Reducer {
  const messages = createNames(runId);
  const calls = createNames(runId);
  const subagents = createNames(runId);
  /** What CHUNK events without an id belong to. */
  let latestId = '';
  let latestCallId = '';
  for (const { id, runId: by, state, toolCalls } of store.view.messages) {
    const isOwn = by === runId;
    messages.adopt(id, by, isOwn && state === 'streaming', isOwn);
    if (isOwn) latestId = id;
    for (const { id, state } of toolCalls) {
      // A result is that of the latest call that has none.
      calls.adopt(id, by, isOwn && state === 'streaming', isOwn || state !== 'answered');
      if (isOwn) latestCallId = id;
    }
  }
  for (const { subagentRunId, runId: by, state } of store.view.subagents) {
    // One that was suspended, or cut off with its run, may go on.
    subagents.adopt(subagentRunId, by, state !== 'finished', true);
  }
  /** Subagent (undefined for the parent agent) → the id of its latest text. */
  const latestOf = new Map<string | undefined, string>();

  function apply(event: AgentEvent): void {
    const { subagentRunId: agentId = '' } = event as { subagentRunId?: string };
    const subagentRunId = agentId && subagents.own(agentId);
    const owner: Owner = subagentRunId ? { runId, subagentRunId } : { runId };
    const find = /START|CHUNK/.test(event.type) ? 'begin' : 'own';
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
        latestId = messageId;
        const id = messages[find](messageId);
        const message = store.message(id, owner, isText ? role : 'reasoning');
        if (name) message.name = name;
        message.text += delta;
        message.state = 'streaming';
        if (isText) latestOf.set(owner.subagentRunId, messageId);
        break;
      }
      case 'TEXT_MESSAGE_END':
      case 'REASONING_MESSAGE_END':
        store.message(messages.end(event.messageId), owner).state = 'complete';
        break;
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_ARGS':
      case 'TOOL_CALL_CHUNK': {
        const chunk = event as ToolCallChunkEvent;
        const { toolCallId = latestCallId, toolCallName, parentMessageId, delta = '' } = chunk;
        latestCallId = toolCallId;
        const id = calls[find](toolCallId);
        const call = store.toolCall(id, owner, toolCallName, messages.keep(parentMessageId ?? id));
        call.argumentsText += delta;
        break;
      }
      case 'TOOL_CALL_END':
        store.toolCall(calls.end(event.toolCallId), owner).state = 'called';
        break;
      case 'TOOL_CALL_RESULT': {
        const { content: result, messageId: resultId } = event;
        const call = store.toolCall(calls.end(event.toolCallId), owner);
        Object.assign(call, { state: 'answered', result, resultId });
        // With the answer the agent begins another round: chunks have no end of their own.
        messages.end(latestOf.get(owner.subagentRunId) ?? '');
        break;
      }
      case 'REASONING_ENCRYPTED_VALUE': {
        const { subtype, entityId, encryptedValue } = event;
        const entity =
          subtype === 'message'
            ? store.message(messages.keep(entityId), owner, 'reasoning')
            : store.toolCall(calls.own(entityId), owner);
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
        store.load(event.messages, runId);
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
      case 'RUN_STARTED':
        // It has the answers that they waited for. Those that it does not begin again end with it.
        for (const { subagentRunId, state } of store.view.subagents) {
          if (state === 'suspended') store.subagent(subagentRunId, runId).state = 'running';
        }
        break;
      case 'SUBAGENT_STARTED': {
        const { name, parentSubagentRunId: parent } = event;
        const id = subagents.begin(event.subagentRunId);
        Object.assign(store.subagent(id, runId, name), {
          state: 'running',
          runId,
          parentSubagentRunId: parent && subagents.own(parent),
          error: undefined,
        });
        break;
      }
      case 'SUBAGENT_FINISHED': {
        const { outcome, result } = event;
        const isOver = outcome?.type !== 'suspended';
        if (isOver) subagents.end(agentId);
        const state = isOver ? 'finished' : 'suspended';
        Object.assign(store.subagent(subagentRunId, runId), { state, result });
        break;
      }
      case 'SUBAGENT_ERROR': {
        const { message, code } = event;
        const error = { message, code };
        Object.assign(store.subagent(subagentRunId, runId), { state: 'failed', error });
        break;
      }
      case 'CUSTOM':
        if (event.value) custom(event.name, event.value, owner);
    }
  }

  // The names are ours, but nobody has checked the payloads: one without a place to go is left out.
  function custom(name: string, value: object, owner: Owner): void {
    const { subagentRunId } = owner;
    const { id, messageId } = value as { id?: unknown; messageId?: unknown };
    if (name === 'magi.degraded' && subagentRunId) {
      store.subagent(subagentRunId, runId).degraded = value as MagiCustomEvents['magi.degraded'];
    } else if (typeof id !== 'string') {
      return;
    } else if (name === 'magi.trace') {
      store.traceStep({ ...value, ...owner } as TraceStepView);
    } else if (name === 'magi.citation' && typeof messageId === 'string') {
      const message = store.message(messages.own(messageId), owner);
      message.citations = [...message.citations, value as MagiCustomEvents['magi.citation']];
    } else if (name === 'magi.file') {
      const message = store.message(messages.own(latestOf.get(subagentRunId) ?? id), owner);
      message.files = [...message.files, value as MagiCustomEvents['magi.file']];
    }
  }

  return {
    apply,
    named(interrupt) {
      const { toolCallId, subagentRunId } = interrupt;
      return {
        ...interrupt,
        toolCallId: toolCallId && calls.own(toolCallId),
        subagentRunId: subagentRunId && subagents.own(subagentRunId),
      } as Interrupt;
    },
  };
}
