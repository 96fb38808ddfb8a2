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

/** They say whose a thing is; what comes after may leave it out. */
const OPENERS = /_(START|CHUNK|SNAPSHOT|RESULT)$/;

export function createSubagentEvents(subagentRunId: string): SubagentEvents {
  /** Whose each message, tool call and activity is: later events may leave the owner out. */
  const owners = new Map<string, string>();
  /** Who is in the middle of which kind of chunks: the next one may leave out both its id and its owner. */
  const chunking = new Map<string, string>();

  const own = (id: string): string => ownedId(subagentRunId, id);

  function ownIds(fields: Record<string, unknown>): void {
    for (const field of ID_FIELDS) {
      const id = fields[field];
      if (isText(id)) fields[field] = own(id);
    }
  }

  function ownerOf(type: string, fields: Record<string, unknown>): string {
    const names = namesOf(type, fields);
    const isReplaced = type === 'ACTIVITY_SNAPSHOT' && fields.replace !== false;
    const isResult = type === 'TOOL_CALL_RESULT';
    let found: string | undefined;
    if (names.length === 0) found = chunkOwner(type);
    else if (!isReplaced) found = owners.get(names.find((name) => owners.has(name)) ?? '');
    const owner = isText(fields.subagentRunId) ? fields.subagentRunId : (found ?? subagentRunId);
    // A result is a message of its own.
    const [name] = isResult ? [`TEXT ${fields.messageId}`] : names;
    if (name !== undefined && OPENERS.test(type)) {
      if (isReplaced || isResult || !owners.has(name)) owners.set(name, owner);
    }
    return owner;
  }

  function chunkOwner(type: string): string | undefined {
    const found = [...chunking.keys()].filter((owner) => chunking.get(owner) === type);
    // Its own chunks come first. Of several others none is meant: as its own, the chunk is refused.
    return found.length === 1 ? found[0] : undefined;
  }

  /** Deltas are most of a run: what was found out for one holds for the next of the same message. */
  let last = { type: '', from: '', to: '', owner: subagentRunId };

  function attributeText(event: TextDelta): TextDelta {
    const { type, messageId: from } = event;
    if (from !== last.from || type !== last.type || event.subagentRunId !== undefined) {
      const fields: Record<string, unknown> = { ...event };
      ownIds(fields);
      last = { type, from, to: String(fields.messageId), owner: ownerOf(type, fields) };
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
      const owner = ownerOf(event.type, fields);
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

/**
 * What an event names: what it is about, then what that belongs to. Ids are unique within one kind of thing only. Nothing: a
 * chunk goes on with what came before it.
 */
function namesOf(type: string, fields: Record<string, unknown>): string[] {
  const { messageId, toolCallId, parentMessageId, entityId, subtype } = fields;
  const names: string[] = [];
  if (isText(toolCallId)) names.push(`TOOL ${toolCallId}`);
  else if (isText(messageId)) names.push(`${type.split('_', 1)} ${messageId}`);
  else if (subtype === 'tool-call') names.push(`TOOL ${entityId}`);
  else if (isText(entityId)) names.push(`TEXT ${entityId}`, `REASONING ${entityId}`);
  if (names.length > 0 && isText(parentMessageId)) names.push(`TEXT ${parentMessageId}`);
  return names;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
