export type { AgentStreamUrlProps } from './agent-stream-url';
export { AgentStreamUrl } from './agent-stream-url';
