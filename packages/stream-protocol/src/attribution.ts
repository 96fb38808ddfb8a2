import type { AgentEvent, AgentEventOf } from './events';
import type { Streamed } from './expand-chunks';
import { LifecycleError } from './lifecycle-error';
import type { Message } from './messages';

/** Who something belongs to: a subagent invocation, or the parent agent (`undefined`). */
export type Owner = string | undefined;
/** Ids are unique within a kind. */
export type OwnedKind = Streamed | 'ACTIVITY';
export type AttributedEvent = AgentEvent & { subagentRunId?: string };

/** Who owns which message, tool call and activity of a run. Outlives them: a later event may still name a closed message. */
export interface Attribution {
  /** Throws when `event` is attributed to another owner. Without an attribution it continues whatever it names. */
  check(event: AttributedEvent, kind: OwnedKind, id: string): void;
  /** Checks an event that opens something; the first one settles whom it belongs to. */
  open(event: AttributedEvent, kind: OwnedKind, id: string): void;
  /** Settles the owner, whoever it was before. */
  assign(kind: OwnedKind, id: string, owner: Owner): void;
  /** Takes the owners of messages that a snapshot, or the input that RUN_STARTED echoes, restates. */
  learn(messages: readonly Message[] | undefined): void;
  knows(kind: OwnedKind, id: string): boolean;
  ownerOf(kind: OwnedKind, id: string): Owner;
  clear(): void;
}

/** @throws LifecycleError (rule `owner`) */
export function createAttribution(): Attribution {
  const owners = new Map<string, Owner>();

  function check(event: AttributedEvent, kind: OwnedKind, id: string): void {
    if (event.subagentRunId === undefined) return;
    const key = keyOf(kind, id);
    if (owners.has(key) && owners.get(key) !== event.subagentRunId) {
      refuse(event, `"subagentRunId" contradicts the owner of ${key}`);
    }
  }

  /** A tool call belongs to the message that carries it: its owner, where that is known. */
  function toolCallOwner(event: AgentEventOf<'TOOL_CALL_START'>): Owner {
    const { parentMessageId: parent, toolCallId, subagentRunId } = event;
    if (parent === undefined || !owners.has(keyOf('TEXT_MESSAGE', parent))) return subagentRunId;
    check(event, 'TEXT_MESSAGE', parent);
    const owner = owners.get(keyOf('TEXT_MESSAGE', parent));
    const key = keyOf('TOOL_CALL', toolCallId);
    if (owners.has(key) && owners.get(key) !== owner) {
      refuse(event, `${key} and the message that carries it have different owners`);
    }
    return owner;
  }

  function assign(kind: OwnedKind, id: string, owner: Owner): void {
    owners.set(keyOf(kind, id), owner);
  }

  return {
    check,
    assign,
    open(event, kind, id) {
      const owner = event.type === 'TOOL_CALL_START' ? toolCallOwner(event) : event.subagentRunId;
      check(event, kind, id);
      // A second opener without attribution does not hand it back to the parent.
      if (!owners.has(keyOf(kind, id))) assign(kind, id, owner);
    },
    learn(messages = []) {
      for (const message of messages) {
        const { role, id, subagentRunId } = message;
        let kind: OwnedKind = 'TEXT_MESSAGE';
        if (role === 'reasoning') kind = 'REASONING';
        if (role === 'activity') kind = 'ACTIVITY';
        assign(kind, id, subagentRunId);
        const toolCalls = role === 'assistant' ? message.toolCalls : undefined;
        for (const call of toolCalls ?? []) assign('TOOL_CALL', call.id, subagentRunId);
      }
    },
    knows: (kind, id) => owners.has(keyOf(kind, id)),
    ownerOf: (kind, id) => owners.get(keyOf(kind, id)),
    clear: () => owners.clear(),
  };
}

function refuse(event: AgentEvent, detail: string): never {
  throw new LifecycleError(event.type, 'owner', detail);
}

/** A reasoning span and the messages inside share their owners: they often share an id. */
function keyOf(kind: OwnedKind, id: string): string {
  return `${kind === 'REASONING_MESSAGE' ? 'REASONING' : kind} ${id}`;
}
