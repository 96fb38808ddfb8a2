import type { ContentPart, Message, Metadata, RunAgentInput } from './messages';
import type { JsonPatch, RunOutcome, SubagentOutcome, TokenUsage } from './run-outcome';

/**
 * The AG-UI 1.0 events as string-literal unions.
 *
 * Optional fields are absent, never `null`.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */

/** The version of AG-UI that these types describe. */
export const PROTOCOL_VERSION = '1.0';

interface EventFields {
  /** Milliseconds since the epoch, by convention; nothing computes with it. */
  timestamp?: number;
  /** The provider's own event that this one was translated from. */
  rawEvent?: unknown;
  metadata?: Metadata;
}

interface AttributedFields extends EventFields {
  /** The subagent invocation that this event belongs to. Absent: the parent agent itself. */
  subagentRunId?: string;
}

export type TextMessageRole = 'developer' | 'system' | 'assistant' | 'user';

export interface RunStartedEvent extends EventFields {
  type: 'RUN_STARTED';
  threadId: string;
  runId: string;
  protocolVersion?: string;
  parentRunId?: string;
  input?: RunAgentInput;
}

export interface RunFinishedEvent extends EventFields {
  type: 'RUN_FINISHED';
  threadId: string;
  runId: string;
  result?: unknown;
  outcome?: RunOutcome;
  usage?: TokenUsage[];
}

export interface RunErrorEvent extends EventFields {
  type: 'RUN_ERROR';
  message: string;
  code?: string;
  usage?: TokenUsage[];
}

export interface StepStartedEvent extends AttributedFields {
  type: 'STEP_STARTED';
  stepName: string;
}

export interface StepFinishedEvent extends AttributedFields {
  type: 'STEP_FINISHED';
  stepName: string;
}

export interface TextMessageStartEvent extends AttributedFields {
  type: 'TEXT_MESSAGE_START';
  messageId: string;
  /** Absent: `assistant`. */
  role?: TextMessageRole;
  name?: string;
}

export interface TextMessageContentEvent extends AttributedFields {
  type: 'TEXT_MESSAGE_CONTENT';
  messageId: string;
  delta: string;
}

export interface TextMessageEndEvent extends AttributedFields {
  type: 'TEXT_MESSAGE_END';
  messageId: string;
}

export interface TextMessageChunkEvent extends AttributedFields {
  type: 'TEXT_MESSAGE_CHUNK';
  messageId?: string;
  role?: TextMessageRole;
  delta?: string;
  name?: string;
}

export interface ToolCallStartEvent extends AttributedFields {
  type: 'TOOL_CALL_START';
  toolCallId: string;
  toolCallName: string;
  parentMessageId?: string;
}

export interface ToolCallArgsEvent extends AttributedFields {
  type: 'TOOL_CALL_ARGS';
  toolCallId: string;
  /** A fragment of the argument text. */
  delta: string;
}

export interface ToolCallEndEvent extends AttributedFields {
  type: 'TOOL_CALL_END';
  toolCallId: string;
}

export interface ToolCallChunkEvent extends AttributedFields {
  type: 'TOOL_CALL_CHUNK';
  toolCallId?: string;
  toolCallName?: string;
  parentMessageId?: string;
  delta?: string;
}

export interface ToolCallResultEvent extends AttributedFields {
  type: 'TOOL_CALL_RESULT';
  /** Names the tool message that this result becomes. */
  messageId: string;
  toolCallId: string;
  content: string | ContentPart[];
  role?: 'tool';
}

export interface StateSnapshotEvent extends AttributedFields {
  type: 'STATE_SNAPSHOT';
  snapshot: unknown;
}

export interface StateDeltaEvent extends AttributedFields {
  type: 'STATE_DELTA';
  delta: JsonPatch;
}

export interface MessagesSnapshotEvent extends EventFields {
  type: 'MESSAGES_SNAPSHOT';
  messages: Message[];
}

export interface ActivitySnapshotEvent extends AttributedFields {
  type: 'ACTIVITY_SNAPSHOT';
  messageId: string;
  activityType: string;
  content: Record<string, unknown>;
  /** Absent: `true`. */
  replace?: boolean;
}

export interface ActivityDeltaEvent extends AttributedFields {
  type: 'ACTIVITY_DELTA';
  messageId: string;
  activityType: string;
  patch: JsonPatch;
}

export interface ReasoningStartEvent extends AttributedFields {
  type: 'REASONING_START';
  messageId: string;
}

export interface ReasoningMessageStartEvent extends AttributedFields {
  type: 'REASONING_MESSAGE_START';
  messageId: string;
  role: 'reasoning';
}

export interface ReasoningMessageContentEvent extends AttributedFields {
  type: 'REASONING_MESSAGE_CONTENT';
  messageId: string;
  delta: string;
}

export interface ReasoningMessageEndEvent extends AttributedFields {
  type: 'REASONING_MESSAGE_END';
  messageId: string;
}

export interface ReasoningMessageChunkEvent extends AttributedFields {
  type: 'REASONING_MESSAGE_CHUNK';
  messageId?: string;
  delta?: string;
}

export interface ReasoningEndEvent extends AttributedFields {
  type: 'REASONING_END';
  messageId: string;
}

export interface ReasoningEncryptedValueEvent extends AttributedFields {
  type: 'REASONING_ENCRYPTED_VALUE';
  subtype: 'tool-call' | 'message';
  entityId: string;
  encryptedValue: string;
}

export interface RawEvent extends AttributedFields {
  type: 'RAW';
  event: unknown;
  source?: string;
}

export interface CustomEvent extends AttributedFields {
  type: 'CUSTOM';
  name: string;
  value: unknown;
}

export interface SubagentStartedEvent extends EventFields {
  type: 'SUBAGENT_STARTED';
  /** Names one invocation; single-use within a run. */
  subagentRunId: string;
  /** Names the reusable agent. */
  name: string;
  description?: string;
  parentSubagentRunId?: string;
  parentToolCallId?: string;
  parentMessageId?: string;
}

export interface SubagentFinishedEvent extends EventFields {
  type: 'SUBAGENT_FINISHED';
  subagentRunId: string;
  result?: unknown;
  outcome?: SubagentOutcome;
}

/** One subagent failed; the run may go on. */
export interface SubagentErrorEvent extends EventFields {
  type: 'SUBAGENT_ERROR';
  subagentRunId: string;
  message: string;
  code?: string;
}

/** Every event of AG-UI 1.0, discriminated by `type`. */
export type AgentEvent =
  | RunStartedEvent
  | RunFinishedEvent
  | RunErrorEvent
  | StepStartedEvent
  | StepFinishedEvent
  | TextMessageStartEvent
  | TextMessageContentEvent
  | TextMessageEndEvent
  | TextMessageChunkEvent
  | ToolCallStartEvent
  | ToolCallArgsEvent
  | ToolCallEndEvent
  | ToolCallChunkEvent
  | ToolCallResultEvent
  | StateSnapshotEvent
  | StateDeltaEvent
  | MessagesSnapshotEvent
  | ActivitySnapshotEvent
  | ActivityDeltaEvent
  | ReasoningStartEvent
  | ReasoningMessageStartEvent
  | ReasoningMessageContentEvent
  | ReasoningMessageEndEvent
  | ReasoningMessageChunkEvent
  | ReasoningEndEvent
  | ReasoningEncryptedValueEvent
  | RawEvent
  | CustomEvent
  | SubagentStartedEvent
  | SubagentFinishedEvent
  | SubagentErrorEvent;

export type AgentEventType = AgentEvent['type'];

/** The event of one type. */
export type AgentEventOf<T extends AgentEventType> = Extract<AgentEvent, { type: T }>;
