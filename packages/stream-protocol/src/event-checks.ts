import {
  anything,
  arrayOf,
  boolean,
  type Check,
  count,
  integer,
  jsonPointer,
  notNull,
  object,
  oneOf,
  openObject,
  string,
  stringOr,
  union,
} from './checks';

/**
 * One check for each event type of AG-UI 1.0. Required fields first, then the optional ones.
 *
 * A function, so that a bundle that never parses an event does not build them.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */
export function createEventChecks(): ReadonlyMap<string, Check> {
  const source = { type: string, value: string };
  const partSource = union('type', {
    data: object({ ...source, mimeType: string }),
    url: object({ ...source, 'mimeType?': string }),
    file: object({ ...source, 'mimeType?': string, 'provider?': string }),
  });
  const part = { type: string, 'id?': string, 'metadata?': notNull };
  const mediaPart = object({ ...part, source: partSource });
  const content = stringOr(
    arrayOf(
      union('type', {
        text: object({ ...part, text: string }),
        image: mediaPart,
        audio: mediaPart,
        video: mediaPart,
        document: mediaPart,
      }),
    ),
  );

  const toolCall = object({
    id: string,
    type: oneOf('function'),
    function: object({ name: string, arguments: string }),
    'encryptedValue?': string,
    'metadata?': openObject,
  });
  const anyMessage = {
    id: string,
    role: string,
    'subagentRunId?': string,
    'metadata?': openObject,
  };
  const sealed = { ...anyMessage, 'encryptedValue?': string };
  const spoken = { ...sealed, 'name?': string };
  const messages = arrayOf(
    union('role', {
      developer: object({ ...spoken, content: string }),
      system: object({ ...spoken, content: string }),
      assistant: object({ ...spoken, 'content?': string, 'toolCalls?': arrayOf(toolCall) }),
      user: object({ ...spoken, content }),
      tool: object({ ...sealed, content, toolCallId: string, 'error?': string }),
      activity: object({ ...anyMessage, activityType: string, content: openObject }),
      reasoning: object({ ...sealed, content: string }),
    }),
  );

  const operation = { op: string, path: jsonPointer };
  const withValue = object({ ...operation, value: anything }, true);
  const withFrom = object({ ...operation, from: jsonPointer }, true);
  const patch = arrayOf(
    union('op', {
      add: withValue,
      replace: withValue,
      test: withValue,
      remove: object(operation, true),
      move: withFrom,
      copy: withFrom,
    }),
  );

  const usage = arrayOf(
    object({
      'provider?': string,
      'model?': string,
      'inputTokens?': count,
      'outputTokens?': count,
      'totalTokens?': count,
      'reasoningTokens?': count,
      'cachedInputTokens?': count,
      'cacheWriteInputTokens?': count,
    }),
  );
  const interrupt = object({
    id: string,
    reason: string,
    'subagentRunId?': string,
    'message?': string,
    'toolCallId?': string,
    'responseSchema?': openObject,
    'expiresAt?': string,
    'metadata?': openObject,
  });
  const success = { type: string };
  const strings = arrayOf(string);

  const identified = { threadId: string, runId: string };
  const lineage = { 'protocolVersion?': string, 'parentRunId?': string };
  const input = object({
    ...identified,
    messages,
    ...lineage,
    'state?': anything,
    'tools?': arrayOf(
      object({
        name: string,
        description: string,
        'parameters?': notNull,
        'metadata?': openObject,
      }),
    ),
    'context?': arrayOf(object({ description: string, value: string })),
    'forwardedProps?': notNull,
    'resume?': arrayOf(
      object({
        interruptId: string,
        status: oneOf('resolved', 'cancelled'),
        'payload?': notNull,
        'metadata?': openObject,
      }),
    ),
  });

  const message = { messageId: string };
  const delta = { delta: string };
  const speaker = { 'role?': oneOf('developer', 'system', 'assistant', 'user'), 'name?': string };
  const call = { toolCallId: string };
  const parentMessage = { 'parentMessageId?': string };
  const activity = { ...message, activityType: string };

  const runEvents = {
    RUN_STARTED: { ...identified, ...lineage, 'input?': input },
    RUN_FINISHED: {
      ...identified,
      'result?': notNull,
      'outcome?': union('type', {
        success: object({ ...success, 'pendingToolCallIds?': strings }),
        interrupt: object({ ...success, interrupts: arrayOf(interrupt, 1) }),
        cancelled: object(success),
      }),
      'usage?': usage,
    },
    RUN_ERROR: { message: string, 'code?': string, 'usage?': usage },
    MESSAGES_SNAPSHOT: { messages },
  };

  const attributableEvents = {
    STEP_STARTED: { stepName: string },
    STEP_FINISHED: { stepName: string },
    TEXT_MESSAGE_START: { ...message, ...speaker },
    TEXT_MESSAGE_CONTENT: { ...message, ...delta },
    TEXT_MESSAGE_END: message,
    TEXT_MESSAGE_CHUNK: { 'messageId?': string, 'delta?': string, ...speaker },
    TOOL_CALL_START: { ...call, toolCallName: string, ...parentMessage },
    TOOL_CALL_ARGS: { ...call, ...delta },
    TOOL_CALL_END: call,
    TOOL_CALL_CHUNK: {
      'toolCallId?': string,
      'toolCallName?': string,
      'delta?': string,
      ...parentMessage,
    },
    TOOL_CALL_RESULT: { ...message, ...call, content, 'role?': oneOf('tool') },
    STATE_SNAPSHOT: { snapshot: anything },
    STATE_DELTA: { delta: patch },
    ACTIVITY_SNAPSHOT: { ...activity, content: openObject, 'replace?': boolean },
    ACTIVITY_DELTA: { ...activity, patch },
    REASONING_START: message,
    REASONING_MESSAGE_START: { ...message, role: oneOf('reasoning') },
    REASONING_MESSAGE_CONTENT: { ...message, ...delta },
    REASONING_MESSAGE_END: message,
    REASONING_MESSAGE_CHUNK: { 'messageId?': string, 'delta?': string },
    REASONING_END: message,
    REASONING_ENCRYPTED_VALUE: {
      subtype: oneOf('tool-call', 'message'),
      entityId: string,
      encryptedValue: string,
    },
    RAW: { event: anything, 'source?': string },
    CUSTOM: { name: string, value: anything },
    SUBAGENT_STARTED: {
      subagentRunId: string,
      name: string,
      'description?': string,
      'parentSubagentRunId?': string,
      'parentToolCallId?': string,
      ...parentMessage,
    },
    SUBAGENT_FINISHED: {
      subagentRunId: string,
      'result?': notNull,
      'outcome?': union('type', {
        success: object(success),
        suspended: object({ ...success, 'interruptIds?': strings }),
      }),
    },
    SUBAGENT_ERROR: { subagentRunId: string, message: string, 'code?': string },
  };

  const common = {
    type: string,
    'timestamp?': integer,
    'rawEvent?': notNull,
    'metadata?': openObject,
  };
  const checks = new Map<string, Check>();
  for (const [type, fields] of Object.entries(runEvents)) {
    checks.set(type, object({ ...common, ...fields }));
  }
  for (const [type, fields] of Object.entries(attributableEvents)) {
    checks.set(type, object({ ...common, 'subagentRunId?': string, ...fields }));
  }
  return checks;
}
