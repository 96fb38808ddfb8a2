import { createOwners, learnOwners, refuseOwner, requireOwner } from './attribution';
import type { AgentEvent } from './events';
import { createChunkExpander } from './expand-chunks';
import { buildEvent, idFields, type Kind, type Owner } from './id-fields';
import { LifecycleError, type LifecycleRule } from './lifecycle-error';

/** Where a run stands. */
export type RunState = 'idle' | 'running' | 'finished' | 'failed';

export interface RunLifecycle {
  /**
   * Takes the next event of the stream; throws `LifecycleError` when it breaks a rule. What was refused counts for nothing,
   * but the chunks that it interrupts end all the same: one without an id does not continue them.
   */
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

/** What the last part of an event's name says of the thing that the event names. */
const phases = {
  START: 'open',
  STARTED: 'open',
  CONTENT: 'continue',
  ARGS: 'continue',
  END: 'close',
  FINISHED: 'close',
  ERROR: 'close',
} as const;

/** What one type of event does. */
interface Step {
  kind: Kind;
  phase: (typeof phases)[keyof typeof phases];
}

interface Open {
  kind: Kind;
  id: string;
  name: string;
  fromChunk: boolean;
}

/** What each type of event does. Some of these types do not exist. */
const steps: ReadonlyMap<string, Step> = /* @__PURE__ */ createSteps();

/** The fields that matter to the order of events, all of them ids or names. */
type Fields = Record<string, string | undefined>;

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
  // Plain properties: an object with getters made for each run has a hidden class of its own, which fills the old generation.
  const lifecycle = { accept, closeOpen, state: 'idle' as RunState, hasOpen: false };
  let run = createRun();
  const expand = createChunkExpander();

  /** Whether `event` may come at this point of the run, whatever it says. */
  function requireState({ type }: AgentEvent): void {
    const { state } = lifecycle;
    if (type === 'RUN_STARTED') {
      if (state === 'running') refuse(type, 'run-active', 'the run');
    } else if (state === 'failed' || (state === 'finished' && type !== 'RUN_ERROR')) {
      refuse(type, 'run-over', 'the run');
    } else if (state === 'idle' && type !== 'RUN_ERROR') {
      refuse(type, 'run-not-started', 'the run');
    }
  }

  function acceptStep(event: AgentEvent, step: Step, fromChunk: boolean): void {
    const { kind, phase } = step;
    const open = run.open[kind];
    const owners = run.owners[kind];
    const fields = event as unknown as Fields;
    const { subagentRunId } = fields;
    const name = String(fields[idFields[kind]]);
    // A step's name is unique within its owner.
    const id = kind === 'STEP' ? JSON.stringify([subagentRunId, name]) : name;
    const subject = open.get(id);
    if (phase === 'open') {
      if (subject) refuse(event.type, 'already-open', `${kind} ${id}`);
      settleOwner(event, kind, id);
      const opening = { kind, id, name, fromChunk };
      open.set(id, opening);
      run.opened.add(opening);
      if (!fromChunk) run.endsDue++;
      return;
    }
    if (!subject) refuse(event.type, 'not-open', `${kind} ${id}`);
    requireOwner(event, owners, id);
    if (phase === 'close') {
      if (!fromChunk) requireNotFromChunk(event, subject);
      open.delete(id);
      run.opened.delete(subject);
      if (!subject.fromChunk) run.endsDue--;
    }
  }

  /** Settles whom it belongs to that `event` opens. */
  function settleOwner(event: AgentEvent, kind: Kind, id: string): void {
    const owners = run.owners[kind];
    const fields = event as unknown as Fields;
    const { subagentRunId, parentMessageId, parentSubagentRunId } = fields;
    const messages = run.owners.TEXT_MESSAGE;
    let owner = subagentRunId;
    if (kind === 'TOOL_CALL' && parentMessageId !== undefined && messages.has(parentMessageId)) {
      // A tool call belongs to the message that carries it.
      requireOwner(event, messages, parentMessageId);
      owner = messages.get(parentMessageId);
      if (owners.has(id) && owners.get(id) !== owner) refuseOwner(event, id);
    }
    if (kind === 'SUBAGENT') {
      if (owners.has(id)) refuse(event.type, 'already-open', `${kind} ${id}`);
      if (parentSubagentRunId !== undefined && !owners.has(parentSubagentRunId)) {
        refuse(event.type, 'not-open', `${kind} ${parentSubagentRunId}`);
      }
    }
    requireOwner(event, owners, id);
    // A second opener without attribution does not hand it back to the parent.
    if (!owners.has(id)) owners.set(id, owner);
  }

  function acceptOther(event: AgentEvent): void {
    const { owners } = run;
    const { TEXT_MESSAGE: messages, ACTIVITY: activities } = owners;
    switch (event.type) {
      case 'REASONING_ENCRYPTED_VALUE': {
        const { subtype, entityId } = event;
        const either = messages.has(entityId) ? messages : owners.REASONING;
        const named = subtype === 'tool-call' ? owners.TOOL_CALL : either;
        requireOwner(event, named, entityId);
        break;
      }
      case 'TOOL_CALL_RESULT':
        requireNotFromChunk(event, run.open.TEXT_MESSAGE.get(event.messageId));
        messages.set(event.messageId, event.subagentRunId);
        break;
      case 'ACTIVITY_SNAPSHOT':
        if (event.replace !== false || !activities.has(event.messageId)) {
          activities.set(event.messageId, event.subagentRunId);
        }
        break;
      case 'ACTIVITY_DELTA':
        requireOwner(event, activities, event.messageId);
        break;
      case 'MESSAGES_SNAPSHOT':
        learnOwners(owners, event.messages);
        break;
      case 'RUN_STARTED':
        lifecycle.state = 'running';
        run = createRun();
        learnOwners(run.owners, event.input?.messages);
        break;
      case 'RUN_FINISHED':
        for (const { kind, id } of run.opened) refuse(event.type, 'still-open', `${kind} ${id}`);
        lifecycle.state = 'finished';
        break;
      case 'RUN_ERROR':
        lifecycle.state = 'failed';
        run.opened.clear();
        run.endsDue = 0;
        break;
      default: // STATE_*, RAW, CUSTOM: no rules
    }
  }

  function accept(event: AgentEvent): void {
    for (const expanded of expand(event)) {
      try {
        requireState(expanded);
        const step = steps.get(expanded.type);
        if (step) acceptStep(expanded, step, expanded !== event);
        else acceptOther(expanded);
      } catch (error) {
        // What a refused chunk would have begun must not be continued, nor ended by what comes next.
        expand(expanded);
        throw error;
      }
      lifecycle.hasOpen = run.endsDue > 0;
    }
  }

  function closeOpen(): AgentEvent[] {
    const ends = [...run.opened]
      .filter(({ fromChunk }) => !fromChunk)
      .reverse()
      .map((open) => endOf(open, run.owners[open.kind].get(open.id)));
    ends.forEach(accept);
    return ends;
  }

  return lifecycle;
}

function createSteps(): Map<string, Step> {
  const all = new Map<string, Step>();
  for (const kind of Object.keys(idFields) as Kind[]) {
    for (const [suffix, phase] of Object.entries(phases))
      all.set(`${kind}_${suffix}`, { kind, phase });
  }
  return all;
}

function createRun() {
  const openOf = () => new Map<string, Open>();
  return {
    owners: createOwners(),
    /** What is open, by kind and id. */
    open: {
      TEXT_MESSAGE: openOf(),
      TOOL_CALL: openOf(),
      REASONING: openOf(),
      REASONING_MESSAGE: openOf(),
      STEP: openOf(),
      SUBAGENT: openOf(),
    },
    /** In the order of opening. */
    opened: new Set<Open>(),
    /** How many of them need an END event. */
    endsDue: 0,
  };
}

function endOf({ kind, name }: Open, owner: Owner): AgentEvent {
  if (kind === 'STEP') return buildEvent(kind, 'FINISHED', name, owner);
  if (kind !== 'SUBAGENT') return buildEvent(kind, 'END', name, owner);
  const message = 'The run ended before the subagent did';
  return buildEvent(kind, 'ERROR', name, owner, { message, code: 'RUN_ENDED' });
}

/** AG-UI's client lets these pass, and then refuses every end of the run, because that ends the chunks as well. */
function requireNotFromChunk({ type }: AgentEvent, open: Open | undefined): void {
  if (open?.fromChunk) {
    refuse(type, 'chunk', `${open.id} comes as chunks, which no other event may end`);
  }
}

/** All rules but `chunk` say by their names what is wrong with the subject: "the run is not started". */
function refuse(type: string, rule: LifecycleRule, subject: string): never {
  const problem = rule === 'chunk' ? '' : ` is ${rule.replace('run-', '').replace('-', ' ')}`;
  throw new LifecycleError(type, rule, subject + problem);
}
