import type { AgentEvent, AgentEventOf } from './events';
import { LifecycleError } from './lifecycle-error';

type ChunkEvent = AgentEventOf<
  'TEXT_MESSAGE_CHUNK' | 'TOOL_CALL_CHUNK' | 'REASONING_MESSAGE_CHUNK'
>;
type ChunkType = ChunkEvent['type'];
type Fields = Record<string, unknown>;

/** What each chunk stands for; `described` are the fields that its first chunk settles. */
const forms = {
  TEXT_MESSAGE_CHUNK: {
    start: 'TEXT_MESSAGE_START',
    content: 'TEXT_MESSAGE_CONTENT',
    end: 'TEXT_MESSAGE_END',
    idField: 'messageId',
    described: ['role', 'name'],
  },
  TOOL_CALL_CHUNK: {
    start: 'TOOL_CALL_START',
    content: 'TOOL_CALL_ARGS',
    end: 'TOOL_CALL_END',
    idField: 'toolCallId',
    described: ['toolCallName', 'parentMessageId'],
  },
  REASONING_MESSAGE_CHUNK: {
    start: 'REASONING_MESSAGE_START',
    content: 'REASONING_MESSAGE_CONTENT',
    end: 'REASONING_MESSAGE_END',
    idField: 'messageId',
    described: ['role'],
  },
} as const;

/** What a subagent (or the parent agent) is in the middle of saying by chunks: at most one thing at a time. */
interface Lane {
  type: ChunkType;
  id: unknown;
  start: Fields;
}

/**
 * Creates the function that replaces *_CHUNK events by the START, CONTENT (or ARGS) and END events they stand for, as
 * `transformChunks` of `@ag-ui/client` 1.0 does; every other event passes, after the END of the chunks that it interrupts.
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
  const lanes = new Map<string | undefined, Lane>();

  function close(owner: string | undefined): AgentEvent[] {
    const lane = lanes.get(owner);
    if (lane === undefined) return [];
    lanes.delete(owner);
    const { end, idField } = forms[lane.type];
    const fields: Fields = { type: end, [idField]: lane.id };
    if (owner !== undefined) fields.subagentRunId = owner;
    return [fields as unknown as AgentEvent];
  }

  function expand(chunk: ChunkEvent): AgentEvent[] {
    const { start, content, idField, described } = forms[chunk.type];
    const { type, delta, ...rest } = chunk;
    const fields: Fields = rest;
    const owner = ownerOf(lanes, chunk, fields[idField]);
    const id = fields[idField];
    const events: AgentEvent[] = [];

    let lane = lanes.get(owner);
    const isFirst = lane?.type !== type || (id !== undefined && id !== lane.id);
    if (isFirst) {
      events.push(...close(owner));
      if (id === undefined) throw incomplete(type, idField);
      const opening: Fields = { type: start, [idField]: id };
      for (const name of described) if (fields[name] !== undefined) opening[name] = fields[name];
      if (type === 'TEXT_MESSAGE_CHUNK') opening.role ??= 'assistant';
      if (type === 'REASONING_MESSAGE_CHUNK') opening.role = 'reasoning';
      if (type === 'TOOL_CALL_CHUNK' && fields.toolCallName === undefined) {
        throw incomplete(type, 'toolCallName');
      }
      if (owner !== undefined) opening.subagentRunId = owner;
      lane = { type, id, start: { ...opening } };
      lanes.set(owner, lane);
      if (chunk.metadata !== undefined) opening.metadata = chunk.metadata;
      events.push(opening as unknown as AgentEvent);
    }
    const { start: opener } = lane as Lane;
    for (const name of described) {
      if (fields[name] !== undefined && fields[name] !== opener[name]) {
        throw new LifecycleError(type, 'chunk', `"${name}" contradicts the first chunk`);
      }
      delete fields[name];
    }

    const carriesMore = chunk.metadata !== undefined && !isFirst;
    if (delta !== undefined || chunk.rawEvent !== undefined || carriesMore) {
      const said = { ...fields, type: content, [idField]: opener[idField], delta: delta ?? '' };
      if (owner !== undefined) Object.assign(said, { subagentRunId: owner });
      events.push(said as unknown as AgentEvent);
    }
    return events;
  }

  return (event) => {
    switch (event.type) {
      case 'TEXT_MESSAGE_CHUNK':
      case 'TOOL_CALL_CHUNK':
      case 'REASONING_MESSAGE_CHUNK':
        return expand(event);
      // These say nothing about what the agent is in the middle of.
      case 'RAW':
      case 'ACTIVITY_SNAPSHOT':
      case 'ACTIVITY_DELTA':
      case 'REASONING_ENCRYPTED_VALUE':
      case 'SUBAGENT_STARTED':
        return [event];
      case 'RUN_STARTED':
      case 'RUN_FINISHED':
      case 'RUN_ERROR':
      case 'MESSAGES_SNAPSHOT':
        return [...[...lanes.keys()].flatMap(close), event];
      default:
        return [...close(event.subagentRunId), event];
    }
  };
}

function incomplete(type: ChunkType, field: string): LifecycleError {
  return new LifecycleError(type, 'chunk', `the first one must have "${field}"`);
}

/** Finds whose lane a chunk belongs to: by its id, else by its attribution, else by being the only one of its kind. */
function ownerOf(
  lanes: ReadonlyMap<string | undefined, Lane>,
  { type, subagentRunId }: ChunkEvent,
  id: unknown,
): string | undefined {
  const alike = [...lanes].filter(([, lane]) => lane.type === type);
  if (id !== undefined) {
    const holder = alike.find(([, lane]) => lane.id === id);
    if (holder === undefined) return subagentRunId;
    if (subagentRunId === undefined || subagentRunId === holder[0]) return holder[0];
    throw new LifecycleError(type, 'chunk', `"subagentRunId" contradicts the first chunk`);
  }
  if (subagentRunId !== undefined || lanes.get(undefined)?.type === type) return subagentRunId;
  if (alike.length > 1) {
    throw new LifecycleError(type, 'chunk', 'it could continue the chunks of several subagents');
  }
  return alike[0]?.[0];
}
