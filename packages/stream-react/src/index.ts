'use client';

export { AgentStreamProvider, type AgentStreamProviderProps } from './agent-stream-provider';
export type {
  AgentInterrupt,
  AgentStream,
  AgentStreamActions,
  AgentStreamBehaviour,
  AgentStreamOptions,
  ConversationFactory,
  InterruptId,
  OwnConversationOptions,
  SharedConversationOptions,
  TypedAnswer,
  UnmountPolicy,
  UpdatePriority,
} from './agent-stream-types';
export { agentTool, type ClientTool, type ClientTools, type ToolContext } from './agent-tool';
export type { JsonSchema, JsonSchemaOutput } from './json-schema';
export { type KeyValueStorage, type PersistenceOptions, persistence } from './persistence';
export { useAgentConversation } from './use-agent-conversation';
export { useAgentMessage } from './use-agent-message';
export { useAgentSelector } from './use-agent-selector';
export { useAgentStream } from './use-agent-stream';
