import { type AttributedEvent, createAttribution } from './attribution';
import type { AgentEvent, AgentEventOf } from './events';
import { createChunkExpander, endEvent, type Streamed } from './expand-chunks';
import { LifecycleError, type LifecycleRule } from './lifecycle-error';

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

interface Open {
  kind: Streamed | 'STEP' | 'SUBAGENT';
  id: string;
  start: AttributedEvent;
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
  const attribution = createAttribution();
  const startedSubagents = new Set<string>();
  const expand = createChunkExpander();

  function start(event: AgentEvent, kind: Open['kind'], id: string, fromChunk = false): void {
    const key = `${kind} ${id}`;
    if (open.has(key)) refuse(event, 'already-open', `${key} is already open`);
    open.set(key, { kind, id, start: event, fromChunk });
  }

  function requireOpen(event: AgentEvent, key: string): Open {
    return open.get(key) ?? refuse(event, 'not-open', `${key} is not open`);
  }

  function end(event: AgentEvent, key: string): void {
    requireOpen(event, key);
    open.delete(key);
  }

  /** AG-UI's client lets these pass, and then refuses every end of the run, because that ends the chunks as well. */
  function requireNotFromChunk(event: AgentEvent, key: string): void {
    if (open.get(key)?.fromChunk) {
      refuse(event, 'chunk', `${key} comes as chunks, which no other event may end`);
    }
  }

  function startStreamed(
    event: AttributedEvent,
    kind: Streamed,
    id: string,
    fromChunk: boolean,
  ): void {
    attribution.open(event, kind, id);
    start(event, kind, id, fromChunk);
  }

  function continueStreamed(event: AttributedEvent, kind: Streamed, id: string): void {
    requireOpen(event, `${kind} ${id}`);
    attribution.check(event, kind, id);
  }

  function endStreamed(
    event: AttributedEvent,
    kind: Streamed,
    id: string,
    fromChunk: boolean,
  ): void {
    const key = `${kind} ${id}`;
    continueStreamed(event, kind, id);
    if (!fromChunk) requireNotFromChunk(event, key);
    open.delete(key);
  }

  /** Whether `event` may come at this point of the run, whatever it says. */
  function requireState(event: AgentEvent): void {
    const { type } = event;
    if (type === 'RUN_STARTED') {
      if (state === 'running') refuse(event, 'run-active', 'the run before it has not ended');
    } else if (state === 'failed' || (state === 'finished' && type !== 'RUN_ERROR')) {
      refuse(event, 'run-over', 'the run has ended');
    } else if (state === 'idle' && type !== 'RUN_ERROR') {
      refuse(event, 'run-not-started', 'RUN_STARTED must come first');
    }
  }

  function acceptExpanded(event: AgentEvent, fromChunk: boolean): void {
    requireState(event);
    switch (event.type) {
      case 'TEXT_MESSAGE_CONTENT':
        continueStreamed(event, 'TEXT_MESSAGE', event.messageId);
        break;
      case 'TEXT_MESSAGE_START':
        startStreamed(event, 'TEXT_MESSAGE', event.messageId, fromChunk);
        break;
      case 'TEXT_MESSAGE_END':
        endStreamed(event, 'TEXT_MESSAGE', event.messageId, fromChunk);
        break;
      case 'TOOL_CALL_START':
        startStreamed(event, 'TOOL_CALL', event.toolCallId, fromChunk);
        break;
      case 'TOOL_CALL_ARGS':
        continueStreamed(event, 'TOOL_CALL', event.toolCallId);
        break;
      case 'TOOL_CALL_END':
        endStreamed(event, 'TOOL_CALL', event.toolCallId, fromChunk);
        break;
      case 'REASONING_START':
        startStreamed(event, 'REASONING', event.messageId, fromChunk);
        break;
      case 'REASONING_END':
        endStreamed(event, 'REASONING', event.messageId, fromChunk);
        break;
      case 'REASONING_MESSAGE_START':
        startStreamed(event, 'REASONING_MESSAGE', event.messageId, fromChunk);
        break;
      case 'REASONING_MESSAGE_CONTENT':
        continueStreamed(event, 'REASONING_MESSAGE', event.messageId);
        break;
      case 'REASONING_MESSAGE_END':
        endStreamed(event, 'REASONING_MESSAGE', event.messageId, fromChunk);
        break;
      case 'REASONING_ENCRYPTED_VALUE': {
        const isText = attribution.knows('TEXT_MESSAGE', event.entityId);
        const kind = isText ? 'TEXT_MESSAGE' : 'REASONING';
        attribution.check(
          event,
          event.subtype === 'tool-call' ? 'TOOL_CALL' : kind,
          event.entityId,
        );
        break;
      }
      case 'TOOL_CALL_RESULT':
        requireNotFromChunk(event, `TEXT_MESSAGE ${event.messageId}`);
        attribution.assign('TEXT_MESSAGE', event.messageId, event.subagentRunId);
        break;
      case 'ACTIVITY_SNAPSHOT':
        if (event.replace !== false || !attribution.knows('ACTIVITY', event.messageId)) {
          attribution.assign('ACTIVITY', event.messageId, event.subagentRunId);
        }
        break;
      case 'ACTIVITY_DELTA':
        attribution.check(event, 'ACTIVITY', event.messageId);
        break;
      case 'MESSAGES_SNAPSHOT':
        attribution.learn(event.messages);
        break;
      case 'STEP_STARTED':
        start(event, 'STEP', stepId(event));
        break;
      case 'STEP_FINISHED':
        end(event, `STEP ${stepId(event)}`);
        break;
      case 'SUBAGENT_STARTED': {
        const { subagentRunId: id, parentSubagentRunId: parent } = event;
        if (startedSubagents.has(id)) refuse(event, 'already-open', `SUBAGENT ${id} has started`);
        if (parent !== undefined && !startedSubagents.has(parent)) {
          refuse(event, 'not-open', `parent SUBAGENT ${parent} has not started`);
        }
        startedSubagents.add(id);
        start(event, 'SUBAGENT', id);
        break;
      }
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR':
        end(event, `SUBAGENT ${event.subagentRunId}`);
        break;
      case 'RUN_STARTED':
        state = 'running';
        attribution.clear();
        startedSubagents.clear();
        attribution.learn(event.input?.messages);
        break;
      case 'RUN_FINISHED':
        for (const key of open.keys()) refuse(event, 'still-open', `${key} is still open`);
        state = 'finished';
        break;
      case 'RUN_ERROR':
        state = 'failed';
        open.clear();
        break;
      default: // STATE_*, RAW, CUSTOM: no rules
    }
  }

  function accept(event: AgentEvent): void {
    for (const expanded of expand(event)) acceptExpanded(expanded, expanded !== event);
  }

  function endOf({ kind, id, start }: Open): AgentEvent {
    if (kind !== 'STEP' && kind !== 'SUBAGENT') {
      return endEvent(kind, id, attribution.ownerOf(kind, id));
    }
    if (start.type !== 'STEP_STARTED') {
      const message = 'The run ended before the subagent did';
      return { type: 'SUBAGENT_ERROR', subagentRunId: id, message, code: 'RUN_ENDED' };
    }
    const { stepName, subagentRunId } = start;
    const finished: AgentEvent = { type: 'STEP_FINISHED', stepName };
    return subagentRunId === undefined ? finished : { ...finished, subagentRunId };
  }

  return {
    accept,
    closeOpen() {
      const ends = [...open.values()].filter(needsEndEvent).reverse().map(endOf);
      ends.forEach(accept);
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

/** A step's name is unique within its owner. */
function stepId({
  subagentRunId,
  stepName,
}: AgentEventOf<'STEP_STARTED' | 'STEP_FINISHED'>): string {
  return JSON.stringify([subagentRunId, stepName]);
}
