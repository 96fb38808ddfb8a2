import fc from 'fast-check';
import type { AgentEvent } from './events';

const id = fc.constantFrom('a', 'b');
const owner = fc.constantFrom(undefined, undefined, 'a', 'b', 's');
const orAbsent = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const message = fc.oneof(
  fc.record({ id, role: fc.constantFrom('user', 'reasoning', 'activity'), subagentRunId: owner }),
  fc.record({
    id,
    role: fc.constant('assistant'),
    subagentRunId: owner,
    toolCalls: fc.constantFrom([], [{ id: 'a' }, { id: 'b' }]),
  }),
);

/** Few values for each field, so that events meet. `?`: may be absent. */
const values: Record<string, fc.Arbitrary<unknown>> = {
  messageId: id,
  toolCallId: id,
  entityId: id,
  stepName: id,
  'messageId?': orAbsent(id),
  'toolCallId?': orAbsent(id),
  'parentMessageId?': orAbsent(id),
  'parentSubagentRunId?': orAbsent(id),
  subagentRunId: id,
  'subagentRunId?': owner,
  'toolCallName?': orAbsent(fc.constantFrom('f', 'g')),
  'role?': orAbsent(fc.constantFrom('user', 'assistant')),
  'name?': orAbsent(fc.constant('n')),
  'delta?': orAbsent(fc.constant('x')),
  'metadata?': orAbsent(fc.constant({})),
  'rawEvent?': orAbsent(fc.constant(1)),
  'replace?': orAbsent(fc.boolean()),
  subtype: fc.constantFrom('message', 'tool-call'),
  messages: fc.array(message, { maxLength: 2 }),
  ...Object.fromEntries(
    ['toolCallName', 'delta', 'content', 'encryptedValue', 'name', 'message', 'activityType'].map(
      (name) => [name, fc.constant('x')],
    ),
  ),
};

const forms: [weight: number, types: string, fields: string][] = [
  [3, 'TEXT_MESSAGE_START TEXT_MESSAGE_END', 'messageId subagentRunId?'],
  [2, 'TEXT_MESSAGE_CONTENT REASONING_MESSAGE_CONTENT', 'messageId delta subagentRunId?'],
  [2, 'TOOL_CALL_START', 'toolCallId toolCallName parentMessageId? subagentRunId?'],
  [1, 'TOOL_CALL_END', 'toolCallId subagentRunId?'],
  [1, 'TOOL_CALL_ARGS', 'toolCallId delta subagentRunId?'],
  [1, 'TOOL_CALL_RESULT', 'toolCallId messageId content subagentRunId?'],
  [2, 'REASONING_START REASONING_END', 'messageId subagentRunId?'],
  [2, 'REASONING_MESSAGE_START REASONING_MESSAGE_END', 'messageId subagentRunId?'],
  [1, 'REASONING_ENCRYPTED_VALUE', 'entityId subtype encryptedValue subagentRunId?'],
  [2, 'STEP_STARTED STEP_FINISHED', 'stepName subagentRunId?'],
  [2, 'SUBAGENT_STARTED SUBAGENT_FINISHED', 'subagentRunId name parentSubagentRunId?'],
  [1, 'SUBAGENT_ERROR', 'subagentRunId message'],
  [1, 'ACTIVITY_SNAPSHOT', 'messageId activityType replace? subagentRunId?'],
  [1, 'ACTIVITY_DELTA', 'messageId activityType subagentRunId?'],
  [1, 'CUSTOM RAW STATE_SNAPSHOT STATE_DELTA', 'name subagentRunId?'],
  [1, 'MESSAGES_SNAPSHOT', 'messages'],
  [3, 'TEXT_MESSAGE_CHUNK', 'messageId? role? name? delta? metadata? rawEvent? subagentRunId?'],
  [3, 'TOOL_CALL_CHUNK', 'toolCallId? toolCallName? parentMessageId? delta? subagentRunId?'],
  [2, 'REASONING_MESSAGE_CHUNK', 'messageId? delta? subagentRunId?'],
  [1, 'RUN_STARTED RUN_FINISHED RUN_ERROR', 'message'],
];

function record(names: string[]): fc.Arbitrary<[string, unknown][]> {
  const pairs = names.map((name) =>
    (values[name] ?? fc.constant(undefined)).map((value): [string, unknown] => [
      name.replace('?', ''),
      value,
    ]),
  );
  return fc.tuple(...pairs);
}

/** Any event whose fields matter to the order of events; the others are left out. */
export const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  ...forms.map(([weight, types, fields]) => ({
    weight,
    arbitrary: fc
      .tuple(fc.constantFrom(...types.split(' ')), record(fields.split(' ')))
      .map(([type, entries]) => {
        const present = entries.filter(([, value]) => value !== undefined);
        return { type, ...Object.fromEntries(present) } as AgentEvent;
      }),
  })),
);
