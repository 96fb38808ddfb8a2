export type { AgentClient, AgentClientOptions } from './agent-client';
export { createAgentClient } from './agent-client';
export type { AmplifyOptions, FetchAuthSession } from './auth/amplify';
export { amplify } from './auth/amplify';
export type {
  AuthContext,
  AuthHook,
  AuthReason,
  AuthRequest,
  RefreshReason,
} from './auth/auth-hook';
export type { BearerOptions, GetToken, TokenContext } from './auth/bearer';
export { bearer } from './auth/bearer';
export type { CookieOptions } from './auth/cookie';
export { cookie } from './auth/cookie';
export { oacHash } from './auth/oac-hash';
export { toMessages } from './chat-messages';
export type { Clock } from './clock';
export { createConversation } from './conversation';
export type {
  ChatMessage,
  Conversation,
  ConversationOptions,
  ConversationSnapshot,
  ConversationStatus,
  InterruptAnswer,
  MessageState,
  RunExtras,
  RunOutcomeView,
  SendOptions,
  SendPolicy,
  SerializedConversation,
  SubagentView,
  ToolCallView,
  TraceStepView,
  UserInput,
} from './conversation-types';
export type { AgentClientErrorCode, TimeoutPhase } from './errors';
export {
  AgentClientError,
  AuthError,
  BufferOverflowError,
  HttpError,
  NetworkError,
  ProtocolError,
  ReconnectExhaustedError,
  RunError,
  TimeoutError,
  TruncatedError,
} from './errors';
export type { ForwardRunOptions } from './proxy';
export { forwardRun } from './proxy';
export type { ReconnectOptions } from './reconnect';
export type { RunStats } from './run-stats';
export type {
  AgentRun,
  RunInput,
  RunOptions,
  RunPhase,
  RunReference,
  RunResult,
} from './run-types';
export type { TimeoutOptions } from './timeouts';
