export type { AgentStreamErrorOptions } from './agent-stream-error';
export { AgentStreamError } from './agent-stream-error';
export type { AccessDeniedOptions, Authorize, AuthorizeRequest } from './authorize';
export { AccessDeniedError } from './authorize';
export type { ObserveRun, RunInfo, RunObserver, RunStats } from './run-observer';
export type { Run, RunItem, RunRequest } from './run-request';
