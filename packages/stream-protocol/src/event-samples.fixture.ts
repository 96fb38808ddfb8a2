import type { AgentEvent, AgentEventOf, AgentEventType } from './events';
import type { ContentPart, Message } from './messages';

const everySource: ContentPart[] = [
  { type: 'text', id: 'p1', text: 'text', metadata: 1 },
  { type: 'image', source: { type: 'data', value: 'aGk=', mimeType: 'image/png' } },
  { type: 'audio', source: { type: 'url', value: 'https://example.com/a.mp3' } },
  {
    type: 'video',
    source: { type: 'file', value: 'file-1', provider: 'aws', mimeType: 'video/mp4' },
  },
  {
    type: 'document',
    id: 'p5',
    source: { type: 'url', value: 'https://example.com', mimeType: 'text/html' },
  },
];

const everyMessage: Message[] = [
  {
    id: 'd',
    role: 'developer',
    content: 'c',
    name: 'n',
    encryptedValue: 'e',
    metadata: { a: null },
  },
  { id: 's', role: 'system', content: 'c' },
  {
    id: 'a',
    role: 'assistant',
    content: 'c',
    subagentRunId: 's1',
    toolCalls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'f', arguments: '{' },
        encryptedValue: 'e',
        metadata: {},
      },
    ],
  },
  { id: 'u', role: 'user', content: everySource },
  {
    id: 't',
    role: 'tool',
    content: everySource,
    toolCallId: 'c1',
    error: 'no',
    encryptedValue: 'e',
  },
  { id: 'y', role: 'activity', activityType: 'plan', content: { steps: [] } },
  { id: 'r', role: 'reasoning', content: 'c', encryptedValue: 'e' },
];

const usage = [
  {
    provider: 'aws.bedrock',
    model: 'm',
    inputTokens: 1,
    outputTokens: 2,
    totalTokens: 3,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    cacheWriteInputTokens: 0,
  },
];

const common = { timestamp: 1_700_000_000_000, rawEvent: { chunk: 1 }, metadata: { trace: null } };
const attributed = { ...common, subagentRunId: 's1' };

/** One sample of each event type, with every field there is. */
export const fullSamples: { [T in AgentEventType]: AgentEventOf<T> } = {
  RUN_STARTED: {
    ...common,
    type: 'RUN_STARTED',
    threadId: 't1',
    runId: 'r1',
    protocolVersion: '1.0',
    parentRunId: 'r0',
    input: {
      threadId: 't1',
      runId: 'r1',
      protocolVersion: '1.0',
      parentRunId: 'r0',
      state: { a: 1 },
      messages: everyMessage,
      tools: [{ name: 'f', description: 'd', parameters: { type: 'object' }, metadata: {} }],
      context: [{ description: 'd', value: 'v' }],
      forwardedProps: {},
      resume: [{ interruptId: 'i1', status: 'resolved', payload: 1, metadata: {} }],
    },
  },
  RUN_FINISHED: {
    ...common,
    type: 'RUN_FINISHED',
    threadId: 't1',
    runId: 'r1',
    result: { ok: true },
    outcome: {
      type: 'interrupt',
      interrupts: [
        {
          subagentRunId: 's1',
          id: 'i1',
          reason: 'confirm',
          message: 'Sure?',
          toolCallId: 'c1',
          responseSchema: { type: 'boolean' },
          expiresAt: '2026-11-22T00:00:00Z',
          metadata: {},
        },
      ],
    },
    usage,
  },
  RUN_ERROR: { ...common, type: 'RUN_ERROR', message: 'm', code: 'INTERNAL_ERROR', usage },
  STEP_STARTED: { ...attributed, type: 'STEP_STARTED', stepName: 'plan' },
  STEP_FINISHED: { ...attributed, type: 'STEP_FINISHED', stepName: 'plan' },
  TEXT_MESSAGE_START: {
    ...attributed,
    type: 'TEXT_MESSAGE_START',
    messageId: 'm1',
    role: 'assistant',
    name: 'n',
  },
  TEXT_MESSAGE_CONTENT: { ...attributed, type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: '' },
  TEXT_MESSAGE_END: { ...attributed, type: 'TEXT_MESSAGE_END', messageId: 'm1' },
  TEXT_MESSAGE_CHUNK: {
    ...attributed,
    type: 'TEXT_MESSAGE_CHUNK',
    messageId: 'm1',
    role: 'user',
    delta: 'd',
    name: 'n',
  },
  TOOL_CALL_START: {
    ...attributed,
    type: 'TOOL_CALL_START',
    toolCallId: 'c1',
    toolCallName: 'f',
    parentMessageId: 'm1',
  },
  TOOL_CALL_ARGS: { ...attributed, type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '{' },
  TOOL_CALL_END: { ...attributed, type: 'TOOL_CALL_END', toolCallId: 'c1' },
  TOOL_CALL_CHUNK: {
    ...attributed,
    type: 'TOOL_CALL_CHUNK',
    toolCallId: 'c1',
    toolCallName: 'f',
    parentMessageId: 'm1',
    delta: '{',
  },
  TOOL_CALL_RESULT: {
    ...attributed,
    type: 'TOOL_CALL_RESULT',
    messageId: 'm2',
    toolCallId: 'c1',
    content: everySource,
    role: 'tool',
  },
  STATE_SNAPSHOT: { ...attributed, type: 'STATE_SNAPSHOT', snapshot: null },
  STATE_DELTA: {
    ...attributed,
    type: 'STATE_DELTA',
    delta: [
      { op: 'add', path: '/a', value: null },
      { op: 'replace', path: '', value: 1 },
      { op: 'test', path: '/a~1b', value: 1 },
      { op: 'remove', path: '/a' },
      { op: 'move', from: '/a', path: '/b' },
      { op: 'copy', from: '/a', path: '/b' },
    ],
  },
  MESSAGES_SNAPSHOT: { ...common, type: 'MESSAGES_SNAPSHOT', messages: everyMessage },
  ACTIVITY_SNAPSHOT: {
    ...attributed,
    type: 'ACTIVITY_SNAPSHOT',
    messageId: 'm3',
    activityType: 'plan',
    content: { steps: [] },
    replace: false,
  },
  ACTIVITY_DELTA: {
    ...attributed,
    type: 'ACTIVITY_DELTA',
    messageId: 'm3',
    activityType: 'plan',
    patch: [{ op: 'add', path: '/steps/-', value: 'x' }],
  },
  REASONING_START: { ...attributed, type: 'REASONING_START', messageId: 'm4' },
  REASONING_MESSAGE_START: {
    ...attributed,
    type: 'REASONING_MESSAGE_START',
    messageId: 'm4',
    role: 'reasoning',
  },
  REASONING_MESSAGE_CONTENT: {
    ...attributed,
    type: 'REASONING_MESSAGE_CONTENT',
    messageId: 'm4',
    delta: 'd',
  },
  REASONING_MESSAGE_END: { ...attributed, type: 'REASONING_MESSAGE_END', messageId: 'm4' },
  REASONING_MESSAGE_CHUNK: {
    ...attributed,
    type: 'REASONING_MESSAGE_CHUNK',
    messageId: 'm4',
    delta: 'd',
  },
  REASONING_END: { ...attributed, type: 'REASONING_END', messageId: 'm4' },
  REASONING_ENCRYPTED_VALUE: {
    ...attributed,
    type: 'REASONING_ENCRYPTED_VALUE',
    subtype: 'tool-call',
    entityId: 'c1',
    encryptedValue: 'e',
  },
  RAW: { ...attributed, type: 'RAW', event: null, source: 'bedrock' },
  CUSTOM: { ...attributed, type: 'CUSTOM', name: 'magi.degraded', value: { reason: 'timeout' } },
  SUBAGENT_STARTED: {
    ...attributed,
    type: 'SUBAGENT_STARTED',
    name: 'caspar',
    description: 'd',
    parentSubagentRunId: 's0',
    parentToolCallId: 'c1',
    parentMessageId: 'm1',
  },
  SUBAGENT_FINISHED: {
    ...attributed,
    type: 'SUBAGENT_FINISHED',
    result: 1,
    outcome: { type: 'suspended', interruptIds: ['i1'] },
  },
  SUBAGENT_ERROR: { ...attributed, type: 'SUBAGENT_ERROR', message: 'm', code: 'TIMEOUT' },
};

/** Further forms of the events that have several. */
export const otherSamples: AgentEvent[] = [
  { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' },
  { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1', outcome: { type: 'cancelled' } },
  {
    type: 'RUN_FINISHED',
    threadId: 't1',
    runId: 'r1',
    outcome: { type: 'success', pendingToolCallIds: ['c1'] },
  },
  { type: 'TEXT_MESSAGE_CHUNK' },
  { type: 'TOOL_CALL_RESULT', messageId: 'm2', toolCallId: 'c1', content: 'text' },
  { type: 'SUBAGENT_FINISHED', subagentRunId: 's1', outcome: { type: 'success' } },
];

export const allSamples: AgentEvent[] = [...Object.values(fullSamples), ...otherSamples];
