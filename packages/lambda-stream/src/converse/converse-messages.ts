import type {
  ContentBlock,
  ConversationRole,
  Message as ConverseMessage,
  Tool as ConverseTool,
  DocumentFormat,
  ImageFormat,
  SystemContentBlock,
} from '@aws-sdk/client-bedrock-runtime';
import type { ContentPart, RunAgentInput, Tool, ToolCall } from '@magi/stream-protocol';
import { contentText } from '@magi/stream-protocol';
import { toolUseAnswers } from '../sources/tool-use-interrupt';

type ToolResult = ContentBlock.ToolResultMember['toolResult'];

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html */
const TOOL_USE_ID = /^[\w-]{1,64}$/;

/**
 * Turns the conversation of a `RunAgentInput` into the `messages` of ConverseStream.
 *
 * Messages of one role that follow each other become one, as the service wants roles to alternate. Tool calls become
 * `toolUse`, tool messages and the answers in `resume` become `toolResult`. Inline images and documents (base64) are
 * passed on; other media, reasoning, activity, system and developer messages are left out: see {@link converseSystem}.
 * What the service rejects is left out too: blank text, a tool call without a result and a result without its call. A tool
 * call id that it rejects (more than 64 characters, or others than letters, digits, `_` and `-`) is replaced, in the call and its result.
 *
 * @example
 * ```ts
 * import { converseMessages } from '@magi/lambda-stream/converse';
 *
 * converseMessages({ messages: [{ id: 'm1', role: 'user', content: 'Hi' }] });
 * // [{ role: 'user', content: [{ text: 'Hi' }] }]
 * ```
 */
export function converseMessages(
  input: Pick<RunAgentInput, 'messages' | 'resume'>,
): ConverseMessage[] {
  const results = toolResults(input);
  const turns: { role: ConversationRole; content: ContentBlock[] }[] = [];
  const add = (role: ConversationRole, blocks: ContentBlock[]): void => {
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  };
  // The service wants the results of an assistant turn at the start of the next one, whatever the user wrote before them.
  let pending: ContentBlock[] = [];
  const addResults = (): void => {
    add('user', pending);
    pending = [];
  };
  const renamed = new Map<string, string>();
  /** Ids of other agents, or made unique by a client, may be none for the service. */
  const toolUseIdOf = (id: string): string => {
    if (TOOL_USE_ID.test(id)) return id;
    const known = renamed.get(id) ?? `renamed_${renamed.size + 1}`;
    renamed.set(id, known);
    return known;
  };
  let documents = 0;
  const nextDocument = (): string => `document-${++documents}`;
  for (const message of input.messages) {
    if (message.role === 'assistant') {
      const blocks = textBlocks(message.content);
      for (const call of message.toolCalls ?? []) {
        const result = results.get(call);
        if (result === undefined) continue;
        const toolUseId = toolUseIdOf(call.id);
        const { name, arguments: given } = call.function;
        blocks.push({ toolUse: { toolUseId, name, input: parseArguments(given) } });
        pending.push({ toolResult: { toolUseId, ...result } });
      }
      add('assistant', blocks);
    } else if (message.role === 'tool') {
      addResults();
    } else if (message.role === 'user') {
      addResults();
      add('user', userBlocks(message.content, nextDocument));
    }
  }
  addResults();
  return turns;
}

/** The result of each call that has one. */
function toolResults({
  messages,
  resume,
}: Pick<RunAgentInput, 'messages' | 'resume'>): Map<ToolCall, Omit<ToolResult, 'toolUseId'>> {
  const calls = messages.flatMap((each) =>
    each.role === 'assistant' ? (each.toolCalls ?? []) : [],
  );
  const results = new Map<ToolCall, Omit<ToolResult, 'toolUseId'>>();
  const add = (call: ToolCall | undefined, text: string, status: 'success' | 'error'): void => {
    if (call)
      results.set(call, { content: [{ text: isBlank(text) ? '(no result)' : text }], status });
  };
  // Some models use an id again: results are in the order of their calls, and an answer is to the last of them, which a
  // client may have named after its run.
  const unanswered = new Map<string, ToolCall[]>();
  for (const call of calls) {
    const same = unanswered.get(call.id);
    if (same) same.push(call);
    else unanswered.set(call.id, [call]);
  }
  for (const message of messages) {
    if (message.role !== 'tool') continue;
    const { toolCallId, content, error } = message;
    add(
      unanswered.get(toolCallId)?.shift(),
      contentText(content),
      error === undefined ? 'success' : 'error',
    );
  }
  for (const { callId, text, status } of toolUseAnswers(resume)) {
    const call = calls.findLast(
      (each) => !results.has(each) && `/${each.id}`.endsWith(`/${callId}`),
    );
    add(call, text, status);
  }
  return results;
}

/** The system and developer messages of a conversation, as the `system` of ConverseStream. */
export function converseSystem(input: Pick<RunAgentInput, 'messages'>): SystemContentBlock[] {
  return input.messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .filter(({ content }) => !isBlank(content))
    .map(({ content }) => ({ text: content }));
}

/** The tools that the client offers, as `toolConfig.tools` of ConverseStream. */
export function converseTools(tools: readonly Tool[]): ConverseTool[] {
  return tools.map(({ name, description, parameters }) => ({
    toolSpec: {
      name,
      ...(description !== '' && { description }),
      // The SDK's document type is any JSON value, which is what a JSON Schema is.
      inputSchema: { json: (parameters ?? { type: 'object' }) as Record<string, string> },
    },
  }));
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function textBlocks(text = ''): ContentBlock[] {
  return isBlank(text) ? [] : [{ text }];
}

function userBlocks(
  content: string | readonly ContentPart[],
  nextDocument: () => string,
): ContentBlock[] {
  if (typeof content === 'string') return textBlocks(content);
  return content.flatMap((part): ContentBlock[] => {
    if (part.type === 'text') return textBlocks(part.text);
    if (part.source.type !== 'data') return [];
    const bytes = Buffer.from(part.source.value, 'base64');
    const format = part.source.mimeType.split('/')[1]?.split(/[;+]/, 1)[0] ?? '';
    if (part.type === 'image')
      return [{ image: { format: format as ImageFormat, source: { bytes } } }];
    if (part.type === 'document') {
      // The service rejects a request with two documents of one name.
      const name = nextDocument();
      return [{ document: { name, format: documentFormat(format), source: { bytes } } }];
    }
    return [];
  });
}

/** The service names formats by their file extension. */
function documentFormat(subtype: string): DocumentFormat {
  const names: Readonly<Record<string, DocumentFormat>> = {
    plain: 'txt',
    markdown: 'md',
    msword: 'doc',
    'vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'vnd.ms-excel': 'xls',
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  };
  return names[subtype] ?? (subtype as DocumentFormat);
}

/** The service takes an object only; what else a model wrote is still worth passing on. */
function parseArguments(text: string): Record<string, string> {
  if (isBlank(text)) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, string>;
    }
  } catch {
    // Not JSON: wrapped like every other value.
  }
  return { text };
}
