import type { AgentEvent, AgentEventOf, Interrupt } from '@magi/stream-protocol';
import { copyEvent } from './subagent-event-copy';
import { ownedId } from './subagent-resume';

/** Makes one agent's events those of a subagent. */
export interface SubagentEvents {
  /**
   * Returns a copy of the event, attributed to the subagent, or to the one nested in it that it belongs to, with ids that nobody else
   * has. Throws when it cannot be written.
   */
  attribute(event: AgentEvent): AgentEvent;
  attributeInterrupt(interrupt: Interrupt): Interrupt;
}

type TextDelta = AgentEventOf<'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT'>;

const ID_FIELDS = [
  'messageId',
  'toolCallId',
  'parentMessageId',
  'parentToolCallId',
  'subagentRunId',
  'parentSubagentRunId',
  'entityId',
];

/** They do not end the chunks that they come between. */
const BYSTANDERS = /^(RAW|ACTIVITY_|REASONING_ENCRYPTED|SUBAGENT_STARTED)/;

export function createSubagentEvents(subagentRunId: string): SubagentEvents {
  /** Messages and tool calls of nested subagents: later events may leave the owner out. */
  const nestedOwners = new Map<string, string>();
  /** Who is in the middle of which kind of chunks: the next one may leave out both its id and its owner. */
  const chunking = new Map<string, string>();

  const own = (id: string): string => ownedId(subagentRunId, id);

  function ownIds(fields: Record<string, unknown>): void {
    for (const field of ID_FIELDS) {
      const id = fields[field];
      if (isText(id)) fields[field] = own(id);
    }
  }

  function ownerOf(fields: Record<string, unknown>): string {
    const named = [fields.messageId, fields.toolCallId, fields.parentMessageId].filter(isText);
    const owner = isText(fields.subagentRunId)
      ? fields.subagentRunId
      : named.map((id) => nestedOwners.get(id)).find(isText);
    if (owner === undefined) return named.length === 0 ? chunkOwner(fields.type) : subagentRunId;
    for (const id of named.slice(0, 1)) nestedOwners.set(id, owner);
    return owner;
  }

  function chunkOwner(type: unknown): string {
    const owners = [...chunking.keys()].filter((owner) => chunking.get(owner) === type);
    // Its own chunks come first. Of several others none is meant: as its own, the chunk is refused.
    return owners.length === 1 && owners[0] !== undefined ? owners[0] : subagentRunId;
  }

  /** Deltas are most of a run: what was found out for one holds for the next of the same message. */
  let last = { from: '', to: '', owner: subagentRunId };

  function attributeText(event: TextDelta): TextDelta {
    if (event.messageId !== last.from || event.subagentRunId !== undefined) {
      const fields: Record<string, unknown> = { ...event };
      ownIds(fields);
      last = { from: event.messageId, to: String(fields.messageId), owner: ownerOf(fields) };
    }
    chunking.delete(last.owner);
    return { ...copyEvent(event), messageId: last.to, subagentRunId: last.owner };
  }

  return {
    attribute(event) {
      if (event.type === 'TEXT_MESSAGE_CONTENT' || event.type === 'REASONING_MESSAGE_CONTENT') {
        return attributeText(event);
      }
      const copy = copyEvent(event);
      const fields = copy as unknown as Record<string, unknown>;
      ownIds(fields);
      const owner = ownerOf(fields);
      fields.subagentRunId = owner;
      if (event.type.endsWith('_CHUNK')) chunking.set(owner, event.type);
      else if (!BYSTANDERS.test(event.type)) chunking.delete(owner);
      if (event.type === 'SUBAGENT_STARTED') fields.parentSubagentRunId ??= subagentRunId;
      if (copy.type === 'CUSTOM' && copy.name === 'magi.citation' && isRecord(copy.value)) {
        ownIds(copy.value);
      }
      if (copy.type === 'SUBAGENT_FINISHED' && copy.outcome?.type === 'suspended') {
        const { outcome } = copy;
        if (outcome.interruptIds) outcome.interruptIds = outcome.interruptIds.map(own);
      }
      return copy;
    },
    attributeInterrupt(interrupt) {
      const fields: Record<string, unknown> = { ...interrupt };
      ownIds(fields);
      fields.subagentRunId ??= subagentRunId;
      fields.id = own(interrupt.id);
      return fields as unknown as Interrupt;
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
