import { endEvent } from './end-event';
import type { AgentEvent, AgentEventOf } from './events';
import { createChunkExpander } from './expand-chunks';
import { LifecycleError, type LifecycleRule } from './lifecycle-error';
import type { Message } from './messages';

/** Where a run stands. */
export type RunState = 'idle' | 'running' | 'finished' | 'failed';

export interface RunLifecycle {
  /** Takes the next event of the stream; throws `LifecycleError` when it breaks a rule. */
  accept(event: AgentEvent): void;
  /**
   * Returns the END events of all that is open, innermost first, and takes them as sent: RUN_FINISHED may follow. An open
   * subagent ends with SUBAGENT_ERROR, code `RUN_ENDED`, because it never said that it finished. What came as *_CHUNK events
   * needs no END event: the end of the run closes it.
   */
  closeOpen(): AgentEvent[];
  readonly state: RunState;
  /** Whether `closeOpen` has something to close. */
  readonly hasOpen: boolean;
}

/** Who an event belongs to: a subagent invocation, or the parent agent (`undefined`). */
type Owner = string | undefined;
/** Ids are unique within a kind. Reasoning is a span and the messages inside it, often under one id. */
type OwnedKind = 'message' | 'tool call' | 'reasoning message' | 'reasoning' | 'activity';
type Kind = OwnedKind | 'step' | 'subagent';
type Attributed = AgentEvent & { subagentRunId?: string };

interface Open {
  kind: Kind;
  id: string;
  start: Attributed;
  fromChunk: boolean;
}

/**
 * Creates the state machine of AG-UI's ordering rules: what is open, what may come, and what must be closed before the run
 * can finish. Agrees with `verifyEvents` of `@ag-ui/client` 1.0, *_CHUNK events included; takes several runs one after the
 * other.
 *
 * Does not check fields: see `checkAgentEvent`. Does not notice a stream that stops without a terminal event: look at
 * `state` when it does.
 *
 * @example
 * ```ts
 * import { createRunLifecycle } from '@magi/stream-protocol';
 * const lifecycle = createRunLifecycle();
 * lifecycle.accept({ type: 'RUN_STARTED', threadId: 't1', runId: 'r1' });
 * lifecycle.accept({ type: 'TEXT_MESSAGE_START', messageId: 'm1' });
 * lifecycle.closeOpen(); // [{ type: 'TEXT_MESSAGE_END', messageId: 'm1' }]
 * lifecycle.accept({ type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' });
 * lifecycle.state; // 'finished'
 * ```
 */
export function createRunLifecycle(): RunLifecycle {
  let state: RunState = 'idle';
  /** In the order of opening. */
  const open = new Map<string, Open>();
  /** Outlive what is owned: a later event may still name a closed message. */
  const owners = new Map<string, Owner>();
  const startedSubagents = new Set<string>();
  const expand = createChunkExpander();

  function start(event: AgentEvent, kind: Kind, id: string, fromChunk = false): void {
    const key = `${kind} ${id}`;
    if (open.has(key)) refuse(event, 'already-open', `${kind} "${id}" is already open`);
    open.set(key, { kind, id, start: event, fromChunk });
  }

  function requireOpen(event: AgentEvent, kind: Kind, id: string): void {
    if (!open.has(`${kind} ${id}`)) refuse(event, 'not-open', `${kind} "${id}" is not open`);
  }

  function end(event: AgentEvent, kind: Kind, id: string): void {
    requireOpen(event, kind, id);
    open.delete(`${kind} ${id}`);
  }

  /** AG-UI's client lets these pass, and then refuses every end of the run, because that ends the chunks as well. */
  function requireNotFromChunk(event: AgentEvent, kind: Kind, id: string): void {
    if (open.get(`${kind} ${id}`)?.fromChunk) {
      refuse(event, 'chunk', `${kind} "${id}" comes as chunks, which no other event may end`);
    }
  }

  /** Without an attribution an event continues whatever it names. */
  function requireOwner(event: Attributed, kind: OwnedKind, id: string): void {
    const key = ownerKey(kind, id);
    const tag = event.subagentRunId;
    if (tag !== undefined && owners.has(key) && owners.get(key) !== tag) {
      refuse(event, 'owner', `"subagentRunId" contradicts the owner of ${kind} "${id}"`);
    }
  }

  function recordOwner(kind: OwnedKind, id: string, owner: Owner): void {
    owners.set(ownerKey(kind, id), owner);
  }

  function learnOwners(messages: readonly Message[] | undefined): void {
    for (const message of messages ?? []) {
      const { role, id, subagentRunId } = message;
      const kind = role === 'reasoning' || role === 'activity' ? role : 'message';
      recordOwner(kind, id, subagentRunId);
      const toolCalls = role === 'assistant' ? message.toolCalls : undefined;
      for (const call of toolCalls ?? []) recordOwner('tool call', call.id, subagentRunId);
    }
  }

  /** "A tool call belongs to the message that carries it": its owner, where that is known. */
  function toolCallOwner(event: AgentEventOf<'TOOL_CALL_START'>): Owner {
    const { parentMessageId, toolCallId, subagentRunId } = event;
    const parentKey = ownerKey('message', parentMessageId ?? '');
    if (parentMessageId === undefined || !owners.has(parentKey)) return subagentRunId;
    requireOwner(event, 'message', parentMessageId);
    const owner = owners.get(parentKey);
    const key = ownerKey('tool call', toolCallId);
    if (owners.has(key) && owners.get(key) !== owner) {
      refuse(event, 'owner', `tool call "${toolCallId}" and its message have different owners`);
    }
    return owner;
  }

  /** Takes an event of a message, a tool call or reasoning. */
  function acceptOwned(event: Attributed, kind: OwnedKind, id: string, fromChunk: boolean): void {
    const isStart = event.type.endsWith('_START');
    if (!isStart) requireOpen(event, kind, id);
    const owner = event.type === 'TOOL_CALL_START' ? toolCallOwner(event) : event.subagentRunId;
    requireOwner(event, kind, id);
    if (isStart) {
      start(event, kind, id, fromChunk);
      // The first opener settles the owner; one without attribution does not hand it back to the parent.
      if (!owners.has(ownerKey(kind, id))) recordOwner(kind, id, owner);
    } else if (event.type.endsWith('_END')) {
      if (!fromChunk) requireNotFromChunk(event, kind, id);
      end(event, kind, id);
    }
  }

  function startRun(event: AgentEventOf<'RUN_STARTED'>): void {
    if (state === 'running') refuse(event, 'run-active', 'the run before it has not ended');
    state = 'running';
    owners.clear();
    startedSubagents.clear();
    learnOwners(event.input?.messages);
  }

  function requireRunning(event: AgentEvent): void {
    if (state === 'failed' || (state === 'finished' && event.type !== 'RUN_ERROR')) {
      refuse(event, 'run-over', 'the run has ended');
    }
    if (state === 'idle' && event.type !== 'RUN_ERROR') {
      refuse(event, 'run-not-started', 'the first event must be RUN_STARTED');
    }
  }

  function acceptExpanded(event: AgentEvent, fromChunk: boolean): void {
    if (event.type !== 'RUN_STARTED') requireRunning(event);
    switch (event.type) {
      case 'RUN_STARTED':
        startRun(event);
        break;
      case 'RUN_FINISHED':
        for (const { kind, id } of open.values()) {
          refuse(event, 'still-open', `${kind} "${id}" is still open`);
        }
        state = 'finished';
        break;
      case 'RUN_ERROR':
        state = 'failed';
        open.clear();
        break;
      case 'MESSAGES_SNAPSHOT':
        learnOwners(event.messages);
        break;
      case 'STEP_STARTED':
        start(event, 'step', stepId(event));
        break;
      case 'STEP_FINISHED':
        end(event, 'step', stepId(event));
        break;
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_END':
        acceptOwned(event, 'message', event.messageId, fromChunk);
        break;
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_ARGS':
      case 'TOOL_CALL_END':
        acceptOwned(event, 'tool call', event.toolCallId, fromChunk);
        break;
      case 'REASONING_START':
      case 'REASONING_END':
        acceptOwned(event, 'reasoning', event.messageId, fromChunk);
        break;
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_END':
        acceptOwned(event, 'reasoning message', event.messageId, fromChunk);
        break;
      case 'TOOL_CALL_RESULT':
        requireNotFromChunk(event, 'message', event.messageId);
        recordOwner('message', event.messageId, event.subagentRunId);
        break;
      case 'ACTIVITY_SNAPSHOT':
        if (event.replace !== false || !owners.has(ownerKey('activity', event.messageId))) {
          recordOwner('activity', event.messageId, event.subagentRunId);
        }
        break;
      case 'ACTIVITY_DELTA':
        requireOwner(event, 'activity', event.messageId);
        break;
      case 'REASONING_ENCRYPTED_VALUE': {
        const isMessage = owners.has(ownerKey('message', event.entityId));
        const messageKind = isMessage ? 'message' : 'reasoning';
        const kind = event.subtype === 'tool-call' ? 'tool call' : messageKind;
        requireOwner(event, kind, event.entityId);
        break;
      }
      case 'SUBAGENT_STARTED': {
        const { subagentRunId, parentSubagentRunId: parent } = event;
        if (startedSubagents.has(subagentRunId)) {
          refuse(
            event,
            'already-open',
            `subagent "${subagentRunId}" was started before in this run`,
          );
        }
        if (parent !== undefined && !startedSubagents.has(parent)) {
          refuse(event, 'not-open', `parent subagent "${parent}" was not started in this run`);
        }
        startedSubagents.add(subagentRunId);
        start(event, 'subagent', subagentRunId);
        break;
      }
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR':
        end(event, 'subagent', event.subagentRunId);
        break;
      default: // STATE_*, RAW, CUSTOM: no rules
    }
  }

  function accept(event: AgentEvent): void {
    for (const expanded of expand(event)) acceptExpanded(expanded, expanded !== event);
  }

  function endOf({ kind, id, start }: Open): AgentEvent {
    const isOwned = kind !== 'step' && kind !== 'subagent';
    return endEvent(start, isOwned ? owners.get(ownerKey(kind, id)) : start.subagentRunId);
  }

  return {
    accept,
    closeOpen() {
      const ends = [...open.values()].filter(needsEndEvent).reverse().map(endOf);
      for (const event of ends) accept(event);
      return ends;
    },
    get state() {
      return state;
    },
    get hasOpen() {
      return [...open.values()].some(needsEndEvent);
    },
  };
}

function refuse(event: AgentEvent, rule: LifecycleRule, detail: string): never {
  throw new LifecycleError(event.type, rule, detail);
}

function needsEndEvent({ fromChunk }: Open): boolean {
  return !fromChunk;
}

/** A reasoning span and the messages inside share their owners. */
function ownerKey(kind: OwnedKind, id: string): string {
  return `${kind === 'reasoning message' ? 'reasoning' : kind} ${id}`;
}

function stepId({
  subagentRunId,
  stepName,
}: AgentEventOf<'STEP_STARTED' | 'STEP_FINISHED'>): string {
  return JSON.stringify([subagentRunId, stepName]);
}
