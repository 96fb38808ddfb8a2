export type { SourceOptions } from '../sources/source-options';
export type { AgentMappingOptions } from './agent-mapper';
export type { InvokeAgentOptions } from './invoke-agent';
export { invokeAgent } from './invoke-agent';
export type { ReturnControlAnswer } from './return-control';
export { returnControlAnswer } from './return-control';
