export type { SessionBinding, SessionBindingOptions } from '../sessions';
export { createSessionBinding } from '../sessions';
export type { SourceOptions } from '../sources/source-options';
export type { RuntimeDialect } from './dialects/dialect';
export type { InvokeAgentRuntimeInput, InvokeAgentRuntimeOptions } from './invoke-agent-runtime';
export { invokeAgentRuntime } from './invoke-agent-runtime';
export type { InvokeHarnessOptions } from './invoke-harness';
export { invokeHarness } from './invoke-harness';
export { stopRuntimeSession } from './stop-session';
