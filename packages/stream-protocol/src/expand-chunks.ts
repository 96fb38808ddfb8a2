import type { AgentEvent, AgentEventOf } from './events';
import { LifecycleError } from './lifecycle-error';

type ChunkEvent = AgentEventOf<
  'TEXT_MESSAGE_CHUNK' | 'TOOL_CALL_CHUNK' | 'REASONING_MESSAGE_CHUNK'
>;
/** What streams from a START to an END event: the first part of the events' names. */
export type Streamed = 'TEXT_MESSAGE' | 'TOOL_CALL' | 'REASONING_MESSAGE' | 'REASONING';
type Fields = Record<string, unknown>;

/** What a subagent (or the parent agent) is in the middle of saying by chunks: one thing at a time. */
interface Lane {
  type: ChunkEvent['type'];
  id: string;
  start: Fields;
}

/** The fields that a first chunk settles for those that follow. */
const settledFields = ['role', 'name', 'toolCallName', 'parentMessageId'];

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
  const lanes = new Map<string | undefined, Lane>();

  function close(owner: string | undefined): AgentEvent[] {
    const lane = lanes.get(owner);
    if (lane === undefined) return [];
    lanes.delete(owner);
    return [endEvent(streamedBy(lane.type), lane.id, owner)];
  }

  function expand(chunk: ChunkEvent): AgentEvent[] {
    const { type, delta, ...rest } = chunk;
    const fields: Fields = rest;
    const streamed = streamedBy(type);
    const idField = idFieldOf(streamed);
    const owner = ownerOf(lanes, chunk, fields[idField]);
    const events: AgentEvent[] = [];

    let lane = lanes.get(owner);
    const isFirst =
      lane?.type !== type || (fields[idField] !== undefined && fields[idField] !== lane.id);
    if (lane === undefined || isFirst) {
      events.push(...close(owner));
      const role = streamed === 'TEXT_MESSAGE' ? 'assistant' : 'reasoning';
      const start: Fields = streamed === 'TOOL_CALL' ? {} : { role };
      for (const name of [idField, ...settledFields]) {
        if (fields[name] !== undefined) start[name] = fields[name];
      }
      for (const name of streamed === 'TOOL_CALL' ? [idField, 'toolCallName'] : [idField]) {
        if (start[name] === undefined) refuse(type, `the first one must have "${name}"`);
      }
      lane = { type, id: String(start[idField]), start };
      lanes.set(owner, lane);
      events.push(eventOf(`${streamed}_START`, start, owner, chunk.metadata));
    }

    const continued: Fields = { ...fields, [idField]: lane.id, delta: delta ?? '' };
    for (const name of settledFields) {
      if (fields[name] !== undefined && fields[name] !== lane.start[name]) {
        refuse(type, `"${name}" contradicts the first one`);
      }
      delete continued[name];
    }
    const saysMore = delta !== undefined || chunk.rawEvent !== undefined;
    if (saysMore || (chunk.metadata !== undefined && !isFirst)) {
      const content = streamed === 'TOOL_CALL' ? 'TOOL_CALL_ARGS' : `${streamed}_CONTENT`;
      events.push(eventOf(content, continued, owner));
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
        return lanes.has(event.subagentRunId) ? [...close(event.subagentRunId), event] : [event];
    }
  };
}

/** Builds the END event of a message, a tool call or a reasoning span. */
export function endEvent(streamed: Streamed, id: string, owner: string | undefined): AgentEvent {
  return eventOf(`${streamed}_END`, { [idFieldOf(streamed)]: id }, owner);
}

function idFieldOf(streamed: Streamed): string {
  return streamed === 'TOOL_CALL' ? 'toolCallId' : 'messageId';
}

/** The first part of a chunk event's name. */
function streamedBy(type: ChunkEvent['type']): Streamed {
  return type.slice(0, -'_CHUNK'.length) as Streamed;
}

function eventOf(type: string, fields: Fields, owner: string | undefined, metadata?: unknown) {
  const event: Fields = { ...fields, type };
  if (owner !== undefined) event.subagentRunId = owner;
  if (metadata !== undefined) event.metadata = metadata;
  return event as unknown as AgentEvent;
}

function refuse(type: string, detail: string): never {
  throw new LifecycleError(type, 'chunk', detail);
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
    refuse(type, '"subagentRunId" contradicts the first one');
  }
  if (subagentRunId !== undefined || lanes.get(undefined)?.type === type) return subagentRunId;
  if (alike.length > 1) refuse(type, 'it could continue the chunks of several subagents');
  return alike[0]?.[0];
}
