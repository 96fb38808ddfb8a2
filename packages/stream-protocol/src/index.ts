export type {
  AgentFile,
  Citation,
  DegradedNotice,
  GuardrailNotice,
  MagiCustomEvent,
  MagiCustomEventName,
  MagiCustomEvents,
  TraceStep,
} from './custom-events';
export { customEvent } from './custom-events';
export { createDowngrade } from './downgrade';
export { EventParseError } from './event-parse-error';
export type {
  ActivityDeltaEvent,
  ActivitySnapshotEvent,
  AgentEvent,
  AgentEventOf,
  AgentEventType,
  CustomEvent,
  MessagesSnapshotEvent,
  RawEvent,
  ReasoningEncryptedValueEvent,
  ReasoningEndEvent,
  ReasoningMessageChunkEvent,
  ReasoningMessageContentEvent,
  ReasoningMessageEndEvent,
  ReasoningMessageStartEvent,
  ReasoningStartEvent,
  RunErrorEvent,
  RunFinishedEvent,
  RunStartedEvent,
  StateDeltaEvent,
  StateSnapshotEvent,
  StepFinishedEvent,
  StepStartedEvent,
  SubagentErrorEvent,
  SubagentFinishedEvent,
  SubagentStartedEvent,
  TextMessageChunkEvent,
  TextMessageContentEvent,
  TextMessageEndEvent,
  TextMessageRole,
  TextMessageStartEvent,
  ToolCallArgsEvent,
  ToolCallChunkEvent,
  ToolCallEndEvent,
  ToolCallResultEvent,
  ToolCallStartEvent,
} from './events';
export { PROTOCOL_VERSION } from './events';
export { createChunkExpander } from './expand-chunks';
export type { LifecycleRule } from './lifecycle-error';
export { LifecycleError } from './lifecycle-error';
export type {
  ActivityMessage,
  AssistantMessage,
  ContentPart,
  Context,
  DeveloperMessage,
  MediaPart,
  Message,
  Metadata,
  PartSource,
  ReasoningMessage,
  ResumeEntry,
  Role,
  RunAgentInput,
  SystemMessage,
  TextPart,
  Tool,
  ToolCall,
  ToolMessage,
  UserMessage,
} from './messages';
export { contentText, lastUserText } from './messages';
export type { ParseAgentEventOptions, UnknownReport } from './parse-event';
export { checkAgentEvent, checkRunAgentInput, parseAgentEvent } from './parse-event';
export type { RunLifecycle, RunState } from './run-lifecycle';
export { createRunLifecycle } from './run-lifecycle';
export type {
  Interrupt,
  JsonPatch,
  JsonPatchOperation,
  RunOutcome,
  SubagentOutcome,
  TokenUsage,
} from './run-outcome';
