import type {
  ContentBlock,
  ConversationRole,
  Message as ConverseMessage,
  Tool as ConverseTool,
  DocumentFormat,
  ImageFormat,
  SystemContentBlock,
} from '@aws-sdk/client-bedrock-runtime';
import type { ContentPart, Message, RunAgentInput, Tool } from '@magi/stream-protocol';
import { contentText } from '@magi/stream-protocol';
import { toolUseAnswers } from '../sources/tool-use-interrupt';

/**
 * Turns the conversation of a `RunAgentInput` into the `messages` of ConverseStream.
 *
 * Messages of one role that follow each other become one, as the service wants roles to alternate. Tool calls become
 * `toolUse`, tool messages and the answers in `resume` become `toolResult`. Inline images and documents (base64) are
 * passed on; other media, reasoning, activity, system and developer messages are left out: see {@link converseSystem}.
 * A tool call that was never answered is left out too, since the service rejects it.
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
  const answers = toolUseAnswers(input.resume);
  const answered = new Set(answers.map(({ toolUseId }) => toolUseId));
  for (const message of input.messages)
    if (message.role === 'tool') answered.add(message.toolCallId);

  const turns: { role: ConversationRole; content: ContentBlock[] }[] = [];
  const add = (role: ConversationRole, blocks: ContentBlock[]): void => {
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: blocks });
  };
  for (const message of input.messages) {
    const [role, blocks] = readMessage(message, answered);
    add(role, blocks);
  }
  add(
    'user',
    answers.map(({ toolUseId, text, status }) => ({
      toolResult: { toolUseId, content: [{ text }], status },
    })),
  );
  return turns;
}

/** The system and developer messages of a conversation, as the `system` of ConverseStream. */
export function converseSystem(input: Pick<RunAgentInput, 'messages'>): SystemContentBlock[] {
  return input.messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .filter(({ content }) => content !== '')
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

function readMessage(
  message: Message,
  answered: ReadonlySet<string>,
): [ConversationRole, ContentBlock[]] {
  switch (message.role) {
    case 'user':
      return ['user', userBlocks(message.content)];
    case 'assistant': {
      const blocks: ContentBlock[] = [];
      if (message.content !== undefined && message.content !== '') {
        blocks.push({ text: message.content });
      }
      for (const { id, function: called } of message.toolCalls ?? []) {
        if (!answered.has(id)) continue;
        const input = parseArguments(called.arguments);
        blocks.push({ toolUse: { toolUseId: id, name: called.name, input } });
      }
      return ['assistant', blocks];
    }
    case 'tool': {
      const text = contentText(message.content);
      const status = message.error === undefined ? 'success' : 'error';
      return [
        'user',
        [{ toolResult: { toolUseId: message.toolCallId, content: [{ text }], status } }],
      ];
    }
    default:
      return ['user', []];
  }
}

function userBlocks(content: string | readonly ContentPart[]): ContentBlock[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }];
  return content.flatMap((part, index): ContentBlock[] => {
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    if (part.source.type !== 'data') return [];
    const bytes = Buffer.from(part.source.value, 'base64');
    const format = part.source.mimeType.split('/')[1]?.split(/[;+]/, 1)[0] ?? '';
    if (part.type === 'image')
      return [{ image: { format: format as ImageFormat, source: { bytes } } }];
    if (part.type === 'document') {
      const name = `document-${index + 1}`;
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

function parseArguments(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null) return value as Record<string, string>;
    return { value: String(value) };
  } catch {
    // The service takes an object only; the model's own text is still worth passing on.
    return { text };
  }
}
