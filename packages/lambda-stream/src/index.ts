export type {
  AgentEvent,
  AgentEventOf,
  Interrupt,
  Message,
  ResumeEntry,
  RunAgentInput,
  RunOutcome,
  TokenUsage,
} from '@magi/stream-protocol';
export { contentText, customEvent, lastUserText } from '@magi/stream-protocol';
export type { AgentResult } from './agent-result';
export type { AgentStreamErrorOptions } from './agent-stream-error';
export { AgentStreamError } from './agent-stream-error';
export type { AccessDeniedOptions, Authorize, AuthorizeRequest } from './authorize';
export { AccessDeniedError } from './authorize';
export type { Clock } from './clock';
export { systemClock } from './clock';
export type { CorsOptions } from './cors';
export type { Deadline, DeadlineOptions } from './deadline-signal';
export { deadlineSignal } from './deadline-signal';
export type { EmfOptions } from './emf';
export { emf, formatEmf } from './emf';
export type { EngineOptions, ErrorInfo } from './engine-options';
export { ENGINE_DEFAULTS } from './engine-options';
export type { FetchHandlerOptions } from './fetch-handler';
export { fetchHandler } from './fetch-handler';
export type { KeepAlive, KeepAliveOptions } from './keep-alive';
export { keepAlive } from './keep-alive';
export type { AgentResults } from './merge-agents';
export { mergeAgents } from './merge-agents';
export type { MergeAgentsOptions } from './merge-agents-options';
export type { NodeHandlerOptions } from './node-handler';
export { nodeHandler } from './node-handler';
export { pace } from './pace';
export type { PaceOptions } from './pace/pace-options';
export { RunFailedError } from './run-failure';
export type { ObserveRun, RunInfo, RunObserver, RunStats } from './run-observer';
export type { Run, RunItem, RunRequest } from './run-request';
export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema';
export type {
  LambdaContext,
  LambdaResponseStream,
  StreamHandler,
  StreamHandlerOptions,
} from './stream-handler';
export { streamHandler } from './stream-handler';
export { subagent } from './subagent';
export type { AgentSource } from './subagent-run';
export type { HostOptions } from './time-limit';
export type { WritableLike } from './writable-sink';
export { writeEvents } from './write-events';
