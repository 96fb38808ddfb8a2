import type { AgentEvent } from './events';
import type { Owner } from './id-fields';
import { LifecycleError } from './lifecycle-error';
import type { Message } from './messages';

/** Who owns what, by id. Outlives what is open: a later event may still name a closed message. */
export type Owners = Map<string, Owner>;

/** Owners by kind: ids are unique within one. */
export function createOwners() {
  const REASONING = new Map<string, Owner>();
  return {
    TEXT_MESSAGE: new Map<string, Owner>(),
    TOOL_CALL: new Map<string, Owner>(),
    REASONING,
    // A span and the messages inside it often share an id.
    REASONING_MESSAGE: REASONING,
    STEP: new Map<string, Owner>(),
    SUBAGENT: new Map<string, Owner>(),
    ACTIVITY: new Map<string, Owner>(),
  };
}

/**
 * Checks that an event is not attributed to another owner. Without an attribution it continues whatever it names.
 *
 * @throws LifecycleError (rule `owner`)
 */
export function requireOwner(
  event: AgentEvent & { subagentRunId?: string },
  owners: Owners,
  id: string,
): void {
  const { subagentRunId } = event;
  if (subagentRunId !== undefined && owners.get(id) !== subagentRunId && owners.has(id)) {
    refuseOwner(event, id);
  }
}

export function refuseOwner({ type }: AgentEvent, id: string): never {
  throw new LifecycleError(type, 'owner', `"subagentRunId" contradicts the owner of ${id}`);
}

/** Takes the owners of messages that a snapshot, or the input that RUN_STARTED echoes, restates. */
export function learnOwners(
  { TEXT_MESSAGE, TOOL_CALL, REASONING, ACTIVITY }: ReturnType<typeof createOwners>,
  messages: readonly Message[] = [],
): void {
  for (const message of messages) {
    const { role, id, subagentRunId } = message;
    let owners = TEXT_MESSAGE;
    if (role === 'reasoning') owners = REASONING;
    if (role === 'activity') owners = ACTIVITY;
    owners.set(id, subagentRunId);
    const toolCalls = role === 'assistant' ? message.toolCalls : undefined;
    for (const call of toolCalls ?? []) TOOL_CALL.set(call.id, subagentRunId);
  }
}
