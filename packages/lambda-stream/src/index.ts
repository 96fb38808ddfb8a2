export type { AgentStreamErrorOptions } from './agent-stream-error';
export { AgentStreamError } from './agent-stream-error';
