import type { AgentEvent } from './events';

/** What opens and closes: the first part of its events' names, and the field that says which one. */
export const idFields = {
  TEXT_MESSAGE: 'messageId',
  TOOL_CALL: 'toolCallId',
  REASONING: 'messageId',
  REASONING_MESSAGE: 'messageId',
  STEP: 'stepName',
  SUBAGENT: 'subagentRunId',
} as const;

export type Kind = keyof typeof idFields;

/** The fields of any event, by name. */
export type Fields = Record<string, unknown>;

/** Whom something belongs to: a subagent invocation, or the parent agent (`undefined`). */
export type Owner = string | undefined;

/** Builds an event of what `kind` names; `more` holds its other fields. */
export function buildEvent(
  kind: Kind,
  suffix: string,
  id: unknown,
  owner: Owner,
  more?: object,
): AgentEvent {
  const event: Fields = { ...more, type: `${kind}_${suffix}`, [idFields[kind]]: id };
  if (owner !== undefined) event.subagentRunId = owner;
  return event as unknown as AgentEvent;
}
