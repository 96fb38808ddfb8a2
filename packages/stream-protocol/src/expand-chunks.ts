import type { AgentEvent, AgentEventOf } from './events';
import { buildEvent, type Fields, idFields, type Owner } from './id-fields';
import { LifecycleError } from './lifecycle-error';

type ChunkEvent = AgentEventOf<
  'TEXT_MESSAGE_CHUNK' | 'TOOL_CALL_CHUNK' | 'REASONING_MESSAGE_CHUNK'
>;
type ChunkKind = 'TEXT_MESSAGE' | 'TOOL_CALL' | 'REASONING_MESSAGE';

/** What a subagent (or the parent agent) is in the middle of saying by chunks: one thing at a time. */
interface Lane {
  kind: ChunkKind;
  id: unknown;
  start: Fields;
}

/** The fields that a first chunk settles for those that follow. */
const settledFields = ['role', 'name', 'toolCallName', 'parentMessageId'];
/** They say nothing about what the agent is in the middle of. */
const bystanders = /^(RAW|ACTIVITY_|REASONING_ENCRYPTED|SUBAGENT_STARTED)/;
const concernAll = /^(RUN_|MESSAGES_)/;

/**
 * Creates the function that replaces *_CHUNK events by the START, CONTENT (or ARGS) and END events they stand for, as
 * `transformChunks` of `@ag-ui/client` 1.0 does. Every other event passes, after the END of the chunks that it interrupts.
 *
 * @throws LifecycleError (rule `chunk`) when a first chunk has no id, a tool call's has no name, a later one contradicts
 * the first, or an anonymous one could continue several.
 *
 * @example
 * ```ts
 * import { createChunkExpander } from '@magi/stream-protocol';
 * const expand = createChunkExpander();
 * expand({ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'Hi' }); // TEXT_MESSAGE_START, TEXT_MESSAGE_CONTENT
 * ```
 */
export function createChunkExpander(): (event: AgentEvent) => AgentEvent[] {
  const lanes = new Map<Owner, Lane>();

  function close(owner: Owner): AgentEvent[] {
    const lane = lanes.get(owner);
    lanes.delete(owner);
    return lane ? [buildEvent(lane.kind, 'END', lane.id, owner)] : [];
  }

  function expand(chunk: ChunkEvent): AgentEvent[] {
    const { type, delta, ...fields } = chunk as ChunkEvent & Fields;
    const kind = type.slice(0, -'_CHUNK'.length) as ChunkKind;
    const idField = idFields[kind];
    const id = fields[idField];
    const owner = ownerOf(lanes, kind, id, chunk);
    const isTool = kind === 'TOOL_CALL';
    const events: AgentEvent[] = [];

    let lane = lanes.get(owner);
    const isFirst = lane?.kind !== kind || (id !== undefined && id !== lane.id);
    if (!lane || isFirst) {
      for (const name of isTool ? [idField, 'toolCallName'] : [idField]) {
        if (fields[name] === undefined) refuse(type, `the first one must have "${name}"`);
      }
      const role = kind === 'TEXT_MESSAGE' ? 'assistant' : 'reasoning';
      const start: Fields = isTool ? {} : { role };
      for (const name of [...settledFields, 'metadata']) {
        if (fields[name] !== undefined) start[name] = fields[name];
      }
      events.push(...close(owner), buildEvent(kind, 'START', id, owner, start));
      lane = { kind, id, start };
      lanes.set(owner, lane);
    }

    for (const name of settledFields) {
      if (fields[name] !== undefined && fields[name] !== lane.start[name]) {
        refuse(type, `"${name}" contradicts the first one`);
      }
      delete fields[name];
    }
    const saysMore = delta !== undefined || fields.rawEvent !== undefined;
    if (saysMore || (fields.metadata !== undefined && !isFirst)) {
      const content = { ...fields, delta: delta ?? '' };
      events.push(buildEvent(kind, isTool ? 'ARGS' : 'CONTENT', lane.id, owner, content));
    }
    return events;
  }

  return (event) => {
    const { type, subagentRunId } = event as AgentEvent & { subagentRunId?: string };
    if (type.endsWith('_CHUNK')) return expand(event as ChunkEvent);
    if (lanes.size === 0 || bystanders.test(type)) return [event];
    const owners = concernAll.test(type) ? [...lanes.keys()] : [subagentRunId];
    return [...owners.flatMap(close), event];
  };
}

function refuse(type: string, detail: string): never {
  throw new LifecycleError(type, 'chunk', detail);
}

/** Finds whose lane a chunk belongs to: by its id, else by its attribution, else by being the only one of its kind. */
function ownerOf(
  lanes: ReadonlyMap<Owner, Lane>,
  kind: ChunkKind,
  id: unknown,
  { type, subagentRunId }: ChunkEvent,
): Owner {
  const alike = [...lanes.keys()].filter((owner) => {
    const lane = lanes.get(owner);
    return lane?.kind === kind && (id === undefined || id === lane.id);
  });
  if (alike.length === 0 || alike.includes(subagentRunId)) return subagentRunId;
  if (subagentRunId === undefined) {
    if (alike.length > 1) refuse(type, 'it could continue the chunks of several subagents');
    return alike[0];
  }
  if (id !== undefined) refuse(type, '"subagentRunId" contradicts the first one');
  return subagentRunId;
}
