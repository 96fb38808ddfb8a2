import type {
  AgentEvent,
  MagiCustomEvents,
  TextMessageChunkEvent,
  ToolCallChunkEvent,
} from '@magi/stream-protocol';
import type { Owner } from './chat-messages';
import type { ChatMessage, TraceStepView } from './conversation-types';
import type { EventStore } from './event-store';
import { applyPatch } from './json-patch';

/** `undefined` for what is not there; what a user wrote is of no run, and so of another. */
const runOf = (message: ChatMessage | undefined) => message && (message.runId ?? '');

/**
 * Applies the events of one run to the store, each in O(1); a snapshot, a citation or a file in O(n) of its list. Tolerates events
 * out of order: what was not opened is opened. RUN_* events change nothing here.
 *
 * What is over is not opened again: its id names something new. Nothing else tells the runs of a thread apart, nor the rounds of
 * a run, when an agent counts its ids anew in each.
 *
 * @throws TypeError when a patch does not fit what it patches.
 */
export function createReducer(store: EventStore, runId: string): (event: AgentEvent) => void {
  const ofRun = store.view.messages.filter((message) => message.runId === runId);
  /** What CHUNK events without an id belong to. */
  let latestId = ofRun.at(-1)?.id ?? '';
  let latestCallId =
    ofRun.findLast(({ toolCalls }) => toolCalls.length)?.toolCalls.at(-1)?.id ?? '';
  const messages = createNames(
    (id) => runOf(store.findMessage(id)),
    ofRun.filter(({ state }) => state === 'complete'),
  );
  const calls = createNames(
    (id) => runOf(store.findHolder(id)),
    ofRun.flatMap(({ toolCalls }) => toolCalls.filter(({ state }) => /^(call|answer)/.test(state))),
  );
  const subagents = createNames((id) => {
    const found = store.findSubagent(id);
    // One that was suspended, or cut off with its run, may go on under its id.
    return found?.state === 'finished' ? '' : found && runId;
  });
  /** Subagent (undefined for the parent agent) → its latest message. */
  const latestOf = new Map<string | undefined, string>();

  return (event) => {
    const { subagentRunId: agentId = '' } = event as { subagentRunId?: string };
    const subagentRunId = agentId && subagents.own(agentId);
    const owner: Owner = subagentRunId ? { runId, subagentRunId } : { runId };
    const find = /START|CHUNK/.test(event.type) ? 'open' : 'own';
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
        latestId = messages[find](messageId);
        const message = store.message(latestId, owner, isText ? role : 'reasoning');
        if (name) message.name = name;
        message.text += delta;
        message.state = 'streaming';
        if (isText) latestOf.set(owner.subagentRunId, latestId);
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
        latestCallId = calls[find](toolCallId);
        const parentId = parentMessageId && messages.open(parentMessageId, false);
        store.toolCall(latestCallId, owner, toolCallName, parentId).argumentsText += delta;
        break;
      }
      case 'TOOL_CALL_END':
        store.toolCall(calls.end(event.toolCallId), owner).state = 'called';
        break;
      case 'TOOL_CALL_RESULT': {
        const { content: result, messageId: resultId } = event;
        const call = store.toolCall(calls.end(event.toolCallId), owner);
        Object.assign(call, { state: 'answered', result, resultId });
        break;
      }
      case 'REASONING_ENCRYPTED_VALUE': {
        const { subtype, entityId, encryptedValue } = event;
        const entity =
          subtype === 'message'
            ? store.message(messages.open(entityId, false), owner, 'reasoning')
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
      case 'SUBAGENT_STARTED': {
        const { name, parentSubagentRunId: parent } = event;
        const id = subagents.open(event.subagentRunId);
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
        const state = outcome?.type === 'suspended' ? 'suspended' : 'finished';
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
  };

  /** What the run calls by an id, by the ids in the store. `runBy`: the run of what the store has under an id. */
  function createNames(
    runBy: (id: string) => string | undefined,
    over: readonly { readonly id: string }[] = [],
  ) {
    const names = new Map<string, string>();
    const ended = new Set(over.map(({ id }) => id));
    const renamed = (id: string) => `${runId}/${id}`;
    const remember = (id: string, name: string) => {
      names.set(id, name);
      return name;
    };
    /** The latest that this run calls so; else what earlier runs do: a result may come to a call of theirs. */
    const own = (id: string): string =>
      names.get(id) ?? remember(id, runBy(renamed(id)) === undefined ? id : own(renamed(id)));
    return {
      own,
      /** As `own`, or a new name when that is over: it belongs to another run or, if `canEnd`, has ended in this one. */
      open(id: string, canEnd = true): string {
        let name = own(id);
        for (let run = runBy(name); run !== undefined; run = runBy(name)) {
          if (run === runId && !(canEnd && ended.has(name))) break;
          name = renamed(name);
        }
        return remember(id, name);
      },
      end(id: string): string {
        const name = own(id);
        ended.add(name);
        return name;
      },
    };
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
      const message = store.message(latestOf.get(subagentRunId) ?? id, owner);
      message.files = [...message.files, value as MagiCustomEvents['magi.file']];
    }
  }
}
