/**
 * The AG-UI 1.0 messages, tools and run input.
 *
 * Optional fields are absent, never `null`; `unknown` marks the places where the protocol is open to any JSON value.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */

/** Extra information attached to an event or a message: open by key, any JSON value under a key; `ag-ui` is reserved. */
export type Metadata = Record<string, unknown>;

/** Where the bytes of a content part are: inline (base64), behind a URL, or in a provider's file store. */
export type PartSource =
  | { type: 'data'; value: string; mimeType: string }
  | { type: 'url'; value: string; mimeType?: string }
  | { type: 'file'; value: string; provider?: string; mimeType?: string };

export interface TextPart {
  type: 'text';
  id?: string;
  text: string;
  metadata?: unknown;
}

export interface MediaPart {
  type: 'image' | 'audio' | 'video' | 'document';
  id?: string;
  source: PartSource;
  metadata?: unknown;
}

/** One piece of a message or of a tool result. */
export type ContentPart = TextPart | MediaPart;

interface MessageBase {
  /** Absent: the parent agent itself. */
  subagentRunId?: string;
  id: string;
  metadata?: Metadata;
}

interface SpokenMessage extends MessageBase {
  name?: string;
  encryptedValue?: string;
}

export interface DeveloperMessage extends SpokenMessage {
  role: 'developer';
  content: string;
}

export interface SystemMessage extends SpokenMessage {
  role: 'system';
  content: string;
}

export interface ToolCall {
  id: string;
  type: 'function';
  /** `arguments` is the argument text as the model wrote it: usually JSON, not guaranteed to parse. */
  function: { name: string; arguments: string };
  encryptedValue?: string;
  metadata?: Metadata;
}

export interface AssistantMessage extends SpokenMessage {
  role: 'assistant';
  content?: string;
  toolCalls?: ToolCall[];
}

export interface UserMessage extends SpokenMessage {
  role: 'user';
  content: string | ContentPart[];
}

export interface ToolMessage extends MessageBase {
  role: 'tool';
  content: string | ContentPart[];
  toolCallId: string;
  error?: string;
  encryptedValue?: string;
}

export interface ActivityMessage extends MessageBase {
  role: 'activity';
  activityType: string;
  content: Record<string, unknown>;
}

export interface ReasoningMessage extends MessageBase {
  role: 'reasoning';
  content: string;
  encryptedValue?: string;
}

export type Message =
  | DeveloperMessage
  | SystemMessage
  | AssistantMessage
  | UserMessage
  | ToolMessage
  | ActivityMessage
  | ReasoningMessage;

export type Role = Message['role'];

/** A tool that the client offers to the agent; `parameters` is a JSON Schema. */
export interface Tool {
  name: string;
  description: string;
  parameters?: unknown;
  metadata?: Metadata;
}

export interface Context {
  description: string;
  value: string;
}

/** The answer to one interrupt of an earlier run. */
export interface ResumeEntry {
  interruptId: string;
  status: 'resolved' | 'cancelled';
  payload?: unknown;
  metadata?: Metadata;
}

/** The body of `POST url`: one run of an agent on a thread. */
export interface RunAgentInput {
  threadId: string;
  runId: string;
  /** The protocol version the client speaks. Absent: a client before 1.0, which is served the downgraded form. */
  protocolVersion?: string;
  parentRunId?: string;
  state?: unknown;
  messages: Message[];
  tools: Tool[];
  context: Context[];
  forwardedProps?: unknown;
  resume?: ResumeEntry[];
}

/**
 * Returns the text of the last user message, its text parts concatenated, or `''` when there is none.
 *
 * Where `resume` cancels an interrupt, only a message at the very end counts: the user wrote it instead of an answer. An older
 * one has had its turn: sent again, it would ask the same question.
 *
 * Does not look at media parts. Does not know whether the message at the end is new: where the run that asked neither wrote nor
 * called a tool, that is the question of before, as it is where the user wants it answered again. Let an agent say what it asks.
 *
 * @example
 * ```ts
 * import { lastUserText } from '@magi/stream-protocol';
 * lastUserText({ messages: [{ id: 'm1', role: 'user', content: 'hello' }] }); // 'hello'
 * ```
 */
export function lastUserText({
  messages,
  resume,
}: {
  messages: readonly Message[];
  resume?: readonly ResumeEntry[] | undefined;
}): string {
  const isDeclined = resume?.some(({ status }) => status === 'cancelled');
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message?.role === 'user') return contentText(message.content);
    if (isDeclined) break;
  }
  return '';
}

/** Returns the text of string-or-parts content: the text parts concatenated in order, every other part dropped. */
export function contentText(content: string | readonly ContentPart[] | undefined): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  let text = '';
  for (const part of content) if (part.type === 'text') text += part.text;
  return text;
}
